//! The headers that natsmith itself sets. Their names begin with `Natsmith-`; those of the server begin with `Nats-`.

/// On a dead letter: why it was given up.
pub const DEAD_REASON: &str = "Natsmith-Dead-Reason";
/// On a dead letter: the subject that the message came on.
pub const DEAD_SUBJECT: &str = "Natsmith-Dead-Subject";
/// On a dead letter: the stream that the message was delivered from.
pub const DEAD_STREAM: &str = "Natsmith-Dead-Stream";
/// On a dead letter: the consumer that gave it up.
pub const DEAD_CONSUMER: &str = "Natsmith-Dead-Consumer";
/// On a dead letter: the message's sequence number in its stream.
pub const DEAD_SEQUENCE: &str = "Natsmith-Dead-Sequence";
/// On a dead letter: how often the message was delivered.
pub const DEAD_DELIVERED: &str = "Natsmith-Dead-Delivered";
/// On a dead letter without its payload: why it has none.
pub const DEAD_PAYLOAD: &str = "Natsmith-Dead-Payload";
/// On a dead letter: what stands before the name of a header of the message that means something to the server, such as
/// `Natsmith-Kept-Nats-TTL`.
pub const KEPT: &str = "Natsmith-Kept-";
/// On a message that was published again: the `Nats-Msg-Id` that it had at first.
pub const MESSAGE_ID: &str = "Natsmith-Message-Id";
/// On a dead letter that was published again: the consumer that is to have it. Others acknowledge it and do nothing.
pub const REPLAY_FOR: &str = "Natsmith-Replay-For";
