//! Core NATS: sending alone, receiving alone, and both.

use std::hint::black_box;
use std::thread;

use futures_util::StreamExt;
use natsmith_runtime::TypedSubject;
use tokio::sync::mpsc;

use crate::case::{Bench, Case};
use crate::clock::{self, Clock, Taken};
use crate::measure::{Section, Way, rounds};
use crate::{Fault, Options};

fn ways<C: Case>(options: &Options) -> Vec<Way> {
    let mut ways = vec![Way::Raw, Way::Serde, Way::Schema, Way::Natsmith];
    ways.extend(C::BORROWS.then_some(Way::Borrowed));
    options.of(&ways)
}

/// Publishes to nobody, until the server has processed everything.
pub async fn publish<C: Case>(bench: &Bench<C>, options: &Options, section: &mut Section) -> Result<(), Fault> {
    if !options.carries::<C>() {
        return Ok(());
    }
    let ways = options.of(&[Way::Raw, Way::Serde, Way::Schema, Way::Natsmith]);
    let run = async |way| {
        let clock = Clock::start();
        send(bench, way, options.messages).await?;
        Ok(clock.taken())
    };
    let taken = rounds(&ways, options.rounds, run).await?;
    section.add(bench.label(), options.messages, &ways, taken);
    Ok(())
}

async fn send<C: Case>(bench: &Bench<C>, way: Way, count: usize) -> Result<(), Fault> {
    let client = bench.sender.client();
    for turn in 0..count {
        let item = bench.item(turn);
        match way {
            Way::Raw => client.publish(item.subject.clone(), item.document.clone()).await?,
            Way::Serde => {
                let document = serde_json::to_vec(&item.plain)?;
                client.publish(C::subject(&item.plain), document.into()).await?;
            }
            Way::Schema => {
                let document = bench.by_schema(&item.plain)?;
                client.publish(C::subject(&item.plain), document).await?;
            }
            Way::Natsmith | Way::Borrowed => bench.publisher.publish(&item.ours).await?,
        }
    }
    bench.sender.round_trip().await?;
    Ok(())
}

/// Receives what another thread publishes as fast as it can; that thread's processor time does not count.
pub async fn subscribe<C: Case>(bench: &Bench<C>, options: &Options, section: &mut Section) -> Result<(), Fault> {
    if !options.carries::<C>() {
        return Ok(());
    }
    let (jobs, mut waiting) = mpsc::unbounded_channel::<usize>();
    let (done, mut finished) = mpsc::unbounded_channel();
    let messages: Vec<_> = (0..bench.items.len())
        .map(|turn| (bench.item(turn).subject.clone(), bench.item(turn).document.clone()))
        .collect();
    let server = bench.server.clone();
    let publisher = thread::spawn(move || -> Result<(), Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let sender = natsmith_runtime::async_nats::connect(server).await?;
            while let Some(count) = waiting.recv().await {
                let start = clock::of_this_thread();
                for (subject, document) in messages.iter().cycle().take(count) {
                    sender.publish(subject.clone(), document.clone()).await?;
                }
                sender.flush().await?;
                done.send(clock::of_this_thread().saturating_sub(start))?;
            }
            Ok(())
        })
    });
    let ways = ways::<C>(options);
    let finished = tokio::sync::Mutex::new(&mut finished);
    let run = async |way| {
        let mut heard = Heard::subscribe(bench, way).await?;
        let clock = Clock::start();
        jobs.send(options.messages)?;
        for _ in 0..options.messages {
            heard.next(bench).await?;
        }
        let published = finished.lock().await.recv().await.ok_or("the publisher is gone")?;
        let mut taken = clock.taken();
        taken.own = taken.own.saturating_sub(published);
        Ok(taken)
    };
    let taken = rounds(&ways, options.rounds, run).await?;
    section.add(bench.label(), options.messages, &ways, taken);
    drop(jobs);
    publisher.join().map_err(|_| "the publisher panicked")?
}

/// Publishes on one connection and receives on another, the same way at both ends.
pub async fn end_to_end<C: Case>(bench: &Bench<C>, options: &Options, section: &mut Section) -> Result<(), Fault> {
    if !options.carries::<C>() {
        return Ok(());
    }
    let ways = ways::<C>(options);
    let run = async |way| -> Result<Taken, Fault> {
        let mut heard = Heard::subscribe(bench, way).await?;
        let clock = Clock::start();
        let receive = async {
            for _ in 0..options.messages {
                heard.next(bench).await?;
            }
            Ok(())
        };
        tokio::try_join!(send(bench, way, options.messages), receive)?;
        Ok(clock.taken())
    };
    let taken = rounds(&ways, options.rounds, run).await?;
    section.add(bench.label(), options.messages, &ways, taken);
    Ok(())
}

/// A subscription.
enum Heard<C: Case> {
    Client(Way, natsmith_runtime::async_nats::Subscriber),
    Ours(natsmith_runtime::Subscription<natsmith_runtime::Message<C::Subject>>),
    Borrowed(natsmith_runtime::Subscription<natsmith_runtime::RawMessage<C::Subject>>),
}

impl<C: Case> Heard<C> {
    async fn subscribe(bench: &Bench<C>, way: Way) -> Result<Self, Fault> {
        let heard = match way {
            Way::Natsmith => Self::Ours(bench.subscriber.subscribe().await?),
            Way::Borrowed => Self::Borrowed(bench.subscriber.subscribe().await?.into_raw()),
            way => Self::Client(way, bench.receiver.client().subscribe(C::Subject::WILDCARD).await?),
        };
        // The server has noted the subscription.
        bench.receiver.round_trip().await?;
        Ok(heard)
    }

    async fn next(&mut self, bench: &Bench<C>) -> Result<(), Fault> {
        const ENDED: &str = "the subscription ended";
        match self {
            Self::Client(way, subscriber) => {
                let message = subscriber.next().await.ok_or(ENDED)?;
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
            }
            Self::Ours(subscription) => {
                black_box(subscription.next().await.ok_or(ENDED)??);
            }
            Self::Borrowed(subscription) => {
                let message = subscription.next().await.ok_or(ENDED)??;
                black_box(C::borrow(&message).transpose()?);
            }
        }
        Ok(())
    }
}
