//! Files and folders that hold names, keys or answers: for their owner alone.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file to write at its end, and makes it where it is not.
pub fn append(file: &Path) -> io::Result<File> {
    owned(OpenOptions::new().append(true).create(true)).open(file)
}

/// Makes a file that must not be there yet.
pub fn create(file: &Path) -> io::Result<File> {
    owned(OpenOptions::new().write(true).create_new(true)).open(file)
}

/// Makes a folder and those above it; one that is there stays as it is.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

fn owned(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}
