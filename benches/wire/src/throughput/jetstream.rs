//! JetStream, with a stream in memory: what is measured is the client and the protocol, not a disk.

use std::hint::black_box;
use std::marker::PhantomData;

use futures_util::{StreamExt, TryStreamExt, stream};
use natsmith_runtime::async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use natsmith_runtime::async_nats::jetstream::stream::{Config, DiscardPolicy, StorageType, Stream};
use natsmith_runtime::async_nats::jetstream::{self, Context};
use natsmith_runtime::jetstream::PullOptions;
use natsmith_runtime::{Message, OnInvalid, PersistedSubject, TypedConsumer};

use crate::case::{Bench, Case};
use crate::clock::Clock;
use crate::measure::{Section, Way, rounds};
use crate::{Fault, Options};

const WAYS: [Way; 4] = [Way::Raw, Way::Serde, Way::Schema, Way::Natsmith];
/// How many acknowledgements are awaited at a time.
const WINDOW: usize = 512;
/// How many messages are asked for at a time, by everybody.
const BATCH: usize = 200;
const CONSUMER: &str = "bench";

fn context<C: Case>(bench: &Bench<C>) -> Context {
    jetstream::new(bench.sender.client().clone())
}

/// Makes the stream of the contract, in memory.
pub async fn provision<C: Case<Subject: PersistedSubject>>(bench: &Bench<C>) -> Result<(), Fault> {
    let config = Config {
        name: C::Subject::STREAM.to_owned(),
        subjects: vec!["agents.*.status.*".to_owned(), "agents.*.heartbeat".to_owned()],
        storage: StorageType::Memory,
        discard: DiscardPolicy::Old,
        max_messages: 100_000,
        ..Config::default()
    };
    context(bench).create_stream(config).await?;
    Ok(())
}

/// Publishes with a window of acknowledgements, until all have come.
pub async fn persist<C: Case<Subject: PersistedSubject>>(
    bench: &Bench<C>,
    options: &Options,
    section: &mut Section,
) -> Result<(), Fault> {
    if !options.carries::<C>() {
        return Ok(());
    }
    let context = context(bench);
    let by_client = async |subject: String, document| -> Result<(), Fault> {
        context.publish(subject, document).await?.await?;
        Ok(())
    };
    let one = async |way, turn| -> Result<(), Fault> {
        let item = bench.item(turn);
        match way {
            Way::Raw => {
                let sent = context.publish(item.subject.clone(), item.document.clone());
                sent.await?.await?;
                Ok(())
            }
            Way::Serde => by_client(C::subject(&item.plain), serde_json::to_vec(&item.plain)?.into()).await,
            Way::Schema => by_client(C::subject(&item.plain), bench.by_schema(&item.plain)?).await,
            Way::Natsmith | Way::Borrowed => {
                bench.publisher.persist(&item.ours).await?;
                Ok(())
            }
        }
    };
    let run = async |way| {
        let clock = Clock::start();
        let sent = stream::iter(0..options.messages).map(|turn| one(way, turn));
        sent.buffer_unordered(WINDOW).try_collect::<()>().await?;
        Ok(clock.taken())
    };
    let ways = options.of(&WAYS);
    let taken = rounds(&ways, options.rounds, run).await?;
    section.add(bench.label(), options.messages, &ways, taken);
    Ok(())
}

/// The consumer that is measured.
struct BenchConsumer<C>(PhantomData<C>);

impl<C: Case<Subject: PersistedSubject>> TypedConsumer for BenchConsumer<C> {
    type Message = Message<C::Subject>;
    const STREAM: &'static str = C::Subject::STREAM;
    const NAME: &'static str = CONSUMER;
    const ON_INVALID: OnInvalid = OnInvalid::Term;
}

/// Pulls all messages of a stream and acknowledges each.
pub async fn pull<C: Case<Subject: PersistedSubject>>(
    bench: &Bench<C>,
    options: &Options,
    section: &mut Section,
) -> Result<(), Fault> {
    if !options.carries::<C>() {
        return Ok(());
    }
    let context = context(bench);
    let stream = context.get_stream(C::Subject::STREAM).await?;
    stream.purge().await?;
    let filled = stream::iter(0..options.messages).map(|turn| {
        let item = bench.item(turn);
        context.publish(item.subject.clone(), item.document.clone())
    });
    filled
        .buffer_unordered(WINDOW)
        .try_for_each_concurrent(WINDOW, async |acknowledged| acknowledged.await.map(|_| ()))
        .await?;
    let run = async |way| {
        let consumer = consumer(&stream).await?;
        let clock = Clock::start();
        if way == Way::Natsmith {
            let settings = PullOptions::default().with_batch(BATCH as u64);
            let mut deliveries = bench.receiver.consume_with::<BenchConsumer<C>>(settings).await?;
            for _ in 0..options.messages {
                let delivery = deliveries.next().await.ok_or("the deliveries ended")??;
                black_box(&delivery.payload);
                delivery.ack().await?;
            }
        } else {
            let mut messages = consumer.stream().max_messages_per_batch(BATCH).messages().await?;
            for _ in 0..options.messages {
                let message = messages.next().await.ok_or("the messages ended")??;
                match way {
                    Way::Serde => {
                        black_box(serde_json::from_slice::<C::Plain>(&message.payload)?);
                    }
                    Way::Schema => {
                        black_box(bench.read_by_schema(&message.payload)?);
                    }
                    _ => {
                        black_box(message.payload.len());
                    }
                }
                message.ack().await?;
            }
        }
        bench.receiver.round_trip().await?;
        Ok(clock.taken())
    };
    let ways = options.of(&WAYS);
    let taken = rounds(&ways, options.rounds, run).await?;
    section.add(bench.label(), options.messages, &ways, taken);
    Ok(())
}

/// A new consumer that begins with the first message.
async fn consumer(stream: &Stream) -> Result<PullConsumer, Fault> {
    // Fails where there is none yet.
    let _ = stream.delete_consumer(CONSUMER).await;
    let config = pull::Config {
        durable_name: Some(CONSUMER.to_owned()),
        ack_policy: AckPolicy::Explicit,
        max_ack_pending: 10_000,
        ..pull::Config::default()
    };
    Ok(stream.create_consumer(config).await?)
}
