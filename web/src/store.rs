//! The stored catalogue: one snapshot in IndexedDB.

use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, TransactionMode};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

const DATABASE: &str = "configstream";
const VERSION: u32 = 1;
const STORE: &str = "snapshots";
const CATALOGUE: &str = "catalogue";
const FEED: &str = "feed";

/// The browser would not store or read: private windows and full disks do that.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the browser's storage cannot be used: {0}")]
pub struct StoreError(String);

impl From<idb::Error> for StoreError {
    fn from(error: idb::Error) -> Self {
        Self(error.to_string())
    }
}

/// The catalogue that [`save`] stored last; `None` when nothing is stored.
pub async fn load() -> Result<Option<Vec<u8>>, StoreError> {
    get(CATALOGUE).await
}

/// Stores the catalogue in place of what was stored.
pub async fn save(bytes: &[u8]) -> Result<(), StoreError> {
    put(CATALOGUE, bytes).await
}

/// The API's part of the catalogue as it was fetched last, to merge own sources with again.
pub async fn load_feed() -> Result<Option<Vec<u8>>, StoreError> {
    get(FEED).await
}

/// Stores the API's part of the catalogue.
pub async fn save_feed(bytes: &[u8]) -> Result<(), StoreError> {
    put(FEED, bytes).await
}

async fn get(key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let database = open().await?;
    let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
    let value = transaction.object_store(STORE)?.get(JsValue::from_str(key))?.await?;
    database.close();
    Ok(value.and_then(|value| value.dyn_into::<Uint8Array>().ok()).map(|bytes| bytes.to_vec()))
}

async fn put(key: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let database = open().await?;
    let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
    let store = transaction.object_store(STORE)?;
    store.put(&Uint8Array::from(bytes), Some(&JsValue::from_str(key)))?.await?;
    transaction.commit()?.await?;
    database.close();
    Ok(())
}

async fn open() -> Result<Database, StoreError> {
    let mut request = Factory::new()?.open(DATABASE, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        if let Ok(database) = event.database() {
            // Fails only when the store is there already, which is what is wanted.
            let _ = database.create_object_store(STORE, ObjectStoreParams::new());
        }
    });
    Ok(request.await?)
}
