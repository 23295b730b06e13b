//! A folder of keys: one seed a file, which nobody but its owner may read.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use natsmith_codegen::credentials::KeyPair;

use crate::cli::Failure;

/// What a key is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Operator,
    /// Also the signing keys of an account.
    Account,
    User,
}

pub(super) struct Keys {
    folder: PathBuf,
}

impl Keys {
    pub(super) fn in_folder(folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The key of a name. One that is not there is made.
    pub(super) fn key(&self, name: &str, kind: Kind) -> Result<KeyPair, Failure> {
        let path = self.folder.join(format!("{name}.nk"));
        let (seed, new) = match fs::read_to_string(&path) {
            Ok(seed) => (seed, false),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let made = match kind {
                    Kind::Operator => KeyPair::new_operator(),
                    Kind::Account => KeyPair::new_account(),
                    Kind::User => KeyPair::new_user(),
                };
                (made.seed()?, true)
            }
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        };
        let key = KeyPair::from_seed(seed.trim()).map_err(|error| format!("{}: {error}", path.display()))?;
        let wanted = match kind {
            Kind::Operator => 'O',
            Kind::Account => 'A',
            Kind::User => 'U',
        };
        if !key.public_key().starts_with(wanted) {
            return Err(format!("{} holds a key of another kind", path.display()).into());
        }
        if new {
            self.write(&format!("{name}.nk"), &format!("{seed}\n"))?;
        }
        Ok(key)
    }

    /// Writes a file that nobody else may read, in the place of one that is there.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.join(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let written = options.open(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(path)
    }
}
