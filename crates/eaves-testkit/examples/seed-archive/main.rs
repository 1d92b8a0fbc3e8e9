//! Fills the data folder of a home that stands still with an archive, for the benches.
//!
//! `seed-archive day DATA-DIR FROM-US COUNT` makes COUNT recordings of the newest camera, a minute each, signed by the
//! home's own hub, so that the app believes them. The camera must not have recorded before.
//!
//! `seed-archive many DATA-DIR COUNT` multiplies one of these in the database and on disk until there are COUNT more:
//! what the vault has to start with, not what anybody could open.

mod day;
mod many;

use eaves_vault::store::{Store, StoreConfig};
use std::path::Path;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["day", dir, from, count] => {
            let dir = Path::new(dir);
            let store = Store::open(StoreConfig::in_folder(&dir.join("vault"))).await?;
            day::seed(&store, dir, from.parse()?, count.parse()?).await?;
            store.close().await;
            Ok(())
        }
        ["many", dir, count] => many::seed(&Path::new(dir).join("vault"), count.parse()?).await,
        _ => Err("usage: seed-archive day DATA-DIR FROM-US COUNT | seed-archive many DATA-DIR COUNT".into()),
    }
}
