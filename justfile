# The steps a person takes; CI takes the same.

# What the machine needs besides cargo: PostgreSQL, a browser, the browser driver.
setup:
    apt-get update
    apt-get install -y --no-install-recommends postgresql chromium fonts-noto-core
    cd web/e2e && npm ci --ignore-scripts
    cd crates/exchange/tests/engines && npm ci --ignore-scripts

# Serve the data folder.
run *arguments:
    cargo run --release -- {{arguments}}

# The program as it is handed out: smaller, and longer in the making.
dist:
    cargo build --profile dist

# Every test that needs only cargo.
test:
    cargo test

# Everything CI runs.
check:
    bash .ci/run

# The respondent's and staff pages in a real browser.
e2e:
    cargo build --release
    node web/e2e/run.mjs

# The pieces of a new page or act, where they go: `just new page field_diary`.
new what name:
    cargo run --quiet -p tidy --bin new -- {{what}} {{name}}

# Which crates depend on which, and which files depend on one another in a circle.
structure:
    cargo run --quiet -p tidy --bin structure

# What a cold build costs, by crate; the table is in docs/TESTING.md.
build-cost:
    rm -rf target/build-cost
    env -u CARGO_BUILD_BUILD_DIR CARGO_TARGET_DIR=target/build-cost cargo build --release --timings -j 1
    cargo run --quiet -p tidy --bin build_cost -- target/build-cost/cargo-timings/cargo-timing.html

# Kills and races in full numbers, once a release; the table is in docs/TESTING.md.
endure:
    SONDAGE_KILLS=500 cargo test --release -p sondage --test kill -- --nocapture
    SONDAGE_KILLS=500 cargo test --release -p sondage --test kill_sheets -- --nocapture
    SONDAGE_KILLS=12 cargo test --release -p sondage --test kill_portions -- --nocapture
    cargo test --release -p fielding --test store -- --nocapture races portions thief
    SONDAGE_RACES=200 cargo test --release -p fielding --test store -- --ignored --nocapture every_pair_for_real

# Speed, each figure beside a limit measured in the same run.
bench:
    cargo bench -p analysis --bench tabulate
    cargo bench -p analysis --bench peers
    cargo bench -p analysis --bench simulate
    cargo bench -p survey-builder --bench conditions
    cargo bench -p survey-builder --bench drafts
    cargo bench -p survey-builder --bench dry_run
    cargo bench -p survey-builder --bench search
    cargo bench -p survey-builder --bench sampling
    cargo bench -p exchange --bench growth
    cargo bench -p exchange --bench lists
    cargo bench -p sondage --bench interviews
    cargo bench -p sondage --bench portions
