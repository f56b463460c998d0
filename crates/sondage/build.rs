//! Functions whose machine code is the same are kept once: queries are compiled for two
//! databases, templates and statistics for many types, and often come out alike. Only
//! where the toolchain's own linker is there and is what links.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTFLAGS");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|is| is == value);
    let linked_by_lld = is("TARGET", "x86_64-unknown-linux-gnu")
        && is("PROFILE", "release")
        && !std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"))
        && has_lld();
    if linked_by_lld {
        println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
    }
}

/// Whether the toolchain brings its own linker, which it then uses.
fn has_lld() -> bool {
    let Some(rustc) = std::env::var_os("RUSTC") else { return false };
    let Ok(asked) = Command::new(rustc).args(["--print", "sysroot"]).output() else { return false };
    let root = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    Path::new(&root).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld").exists()
}
