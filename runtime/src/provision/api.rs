//! The four requests that provisioning needs, for streams and consumers alike.

use serde_json::{Map, Value, json};

use super::Asset;
use crate::connection::Connection;
use crate::error::Error;
use crate::jetstream::{ApiError, ApiErrorKind, api_request};

/// The configuration that the server has stored, or `None` where there is no such asset.
pub(super) async fn read(connection: &Connection, asset: Asset) -> Result<Option<Map<String, Value>>, ApiError> {
    let name = match asset {
        Asset::Stream { name } => format!("STREAM.INFO.{name}"),
        Asset::Consumer { stream, name } => format!("CONSUMER.INFO.{stream}.{name}"),
    };
    match api_request(connection, &name, None).await {
        Ok(mut answer) => match answer.get_mut("config").map(Value::take) {
            Some(Value::Object(config)) => Ok(Some(config)),
            _ => Err(Error::with_source(
                ApiErrorKind::Unreadable,
                format!("the answer about {asset} has no configuration"),
            )),
        },
        Err(error) => match error.kind() {
            ApiErrorKind::Refused {
                code: ApiErrorKind::STREAM_NOT_FOUND | ApiErrorKind::CONSUMER_NOT_FOUND,
            } => Ok(None),
            _ => Err(error),
        },
    }
}

/// Makes an asset that does not exist yet.
pub(super) async fn create(connection: &Connection, asset: Asset, config: &Map<String, Value>) -> Result<(), ApiError> {
    write(connection, asset, config, "CREATE", "create").await
}

/// Changes an asset that exists.
pub(super) async fn update(connection: &Connection, asset: Asset, config: &Map<String, Value>) -> Result<(), ApiError> {
    write(connection, asset, config, "UPDATE", "update").await
}

async fn write(
    connection: &Connection,
    asset: Asset,
    config: &Map<String, Value>,
    verb: &str,
    action: &str,
) -> Result<(), ApiError> {
    let (name, body) = match asset {
        Asset::Stream { name } => (format!("STREAM.{verb}.{name}"), Value::Object(config.clone())),
        // One subject makes and changes consumers; the action keeps each from doing the other's work.
        Asset::Consumer { stream, name } => {
            // With one filter in the subject, permissions can say which filter a consumer may have.
            let filter = config.get("filter_subject").and_then(Value::as_str);
            let filter = filter.map(|filter| format!(".{filter}")).unwrap_or_default();
            (
                format!("CONSUMER.CREATE.{stream}.{name}{filter}"),
                json!({ "stream_name": stream, "config": config, "action": action }),
            )
        }
    };
    api_request(connection, &name, Some(&body)).await.map(drop)
}
