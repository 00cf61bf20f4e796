//! Puts the playground into the binary: third-party files from npm (pinned by a lock file with
//! integrity hashes) and our own page, compressed, under names that carry their content's hash.
//! Without the feature, Node.js or network the build succeeds and the page says what is missing.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use sha2::{Digest, Sha256};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What npm reads.
const PACKAGE: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];
/// What the page needs of the installed packages: where it is, and its name here.
const THIRD_PARTY: [(&str, &str); 5] = [
    ("react/umd/react.production.min.js", "react.js"),
    ("react-dom/umd/react-dom.production.min.js", "react-dom.js"),
    ("graphiql/graphiql.min.js", "graphiql.js"),
    ("graphiql/graphiql.min.css", "graphiql.css"),
    ("graphql-ws/umd/graphql-ws.min.js", "graphql-ws.js"),
];
const LICENSES: &str = "LICENSES.txt";

const WITHOUT_FEATURE: &str = "<p>It was left out on purpose: this binary was built without the cargo \
    feature <code>playground</code>, which is on by default. Build again without \
    <code>--no-default-features</code> to get it.</p>";
const WITHOUT_NPM: &str = "<p>Its files come from npm while the server is built, and npm was not \
    there, or could not install them.</p><ol><li>Install <a href=\"https://nodejs.org\">Node.js</a> \
    20 or newer with npm, and be online.</li><li>Run <code>cargo build</code> again. Its warnings \
    say what went wrong.</li><li>Start the server anew.</li></ol>";

struct Asset {
    name: String,
    content: Vec<u8>,
    hashed: bool,
}

fn main() -> Outcome<()> {
    let source = Path::new("playground");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let own = ["index.html", "missing.html", "playground.js", "playground.css", "icon.svg"];
    for input in PACKAGE.iter().chain(&own) {
        println!("cargo::rerun-if-changed={}", source.join(input).display());
    }

    let assets = if env::var_os("CARGO_FEATURE_PLAYGROUND").is_none() {
        notice(source, WITHOUT_FEATURE)?
    } else {
        match third_party(source, &out) {
            Ok(files) => page(source, &files)?,
            Err(problem) => {
                println!("cargo::warning=built without the playground's files: {problem}");
                println!(
                    "cargo::warning=install Node.js with npm and build again, or silence this with --no-default-features"
                );
                // A file that is never there: try again at the next build.
                println!("cargo::rerun-if-changed={}", out.join("not-installed").display());
                notice(source, WITHOUT_NPM)?
            }
        }
    };
    embed(&assets, &out.join("playground"))
}

/// The directory with the files from npm, installed once for each state of the lock file.
fn third_party(source: &Path, out: &Path) -> Outcome<PathBuf> {
    let mut state = Vec::new();
    for file in PACKAGE {
        state.extend(fs::read(source.join(file))?);
    }
    let done = out.join(format!("npm-{}", hash(&state)));
    if done.exists() {
        return Ok(done);
    }

    // A copy, because npm writes beside the package file and the source tree is not ours to litter.
    let work = out.join("npm");
    let partial = out.join("npm-partial");
    for directory in [&work, &partial] {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
        fs::create_dir_all(directory)?;
    }
    for file in PACKAGE {
        fs::copy(source.join(file), work.join(file))?;
    }
    install(&work)?;

    for (from, to) in THIRD_PARTY {
        fs::copy(work.join("node_modules").join(from), partial.join(to))?;
    }
    fs::write(partial.join(LICENSES), licenses(&work)?)?;
    fs::rename(&partial, &done)?;
    fs::remove_dir_all(&work)?; // over 100 MB, and no longer needed
    Ok(done)
}

fn install(directory: &Path) -> Outcome<()> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let result = Command::new(npm)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"])
        .args([
            "--loglevel=error",
            "--fetch-retries=1",
            "--fetch-retry-mintimeout=1000",
            "--fetch-timeout=30000",
        ])
        .current_dir(directory)
        .output()
        .map_err(|problem| format!("npm does not start: {problem}"))?;
    if result.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&result.stderr);
    let said: Vec<_> = said.lines().take(4).map(str::trim).collect();
    Err(format!("npm ci failed: {}", said.join(" | ")).into())
}

/// One text for all installed packages, since the files of `GraphiQL` have most of them inside.
fn licenses(directory: &Path) -> Outcome<String> {
    let lock: Value = serde_json::from_slice(&fs::read(directory.join("package-lock.json"))?)?;
    let packages = lock["packages"].as_object().ok_or("the lock file lists no packages")?;
    let mut text = "The playground contains, whole or in part, the following packages.\n".to_owned();
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        let name = path.rsplit("node_modules/").next().unwrap_or(path);
        let (version, license) = (package["version"].as_str(), package["license"].as_str());
        let rule = "-".repeat(80);
        writeln!(text, "\n{rule}\n{name} {} ({})\n", version.unwrap_or("?"), license.unwrap_or("?"))?;
        text.push_str(&license_file(&directory.join(path)).unwrap_or_else(|| {
            format!(
                "This package has no licence file; its package.json says {}.\n",
                license.unwrap_or("nothing")
            )
        }));
    }
    Ok(text)
}

fn license_file(package: &Path) -> Option<String> {
    let entries = fs::read_dir(package).ok()?.flatten();
    let is_license = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.starts_with("licen") && path.is_file()
    };
    fs::read_to_string(entries.map(|entry| entry.path()).find(is_license)?).ok()
}

/// The page with everything that it refers to.
fn page(source: &Path, files: &Path) -> Outcome<Vec<Asset>> {
    let mut assets = own(source)?;
    for (_, name) in THIRD_PARTY {
        assets.push(hashed(name, fs::read(files.join(name))?));
    }
    assets.push(named(LICENSES, fs::read(files.join(LICENSES))?));
    let script = fs::read(source.join("playground.js"))?;
    assets.push(hashed("playground.js", script));
    let html = fs::read_to_string(source.join("index.html"))?;
    Ok(with_index(assets, html))
}

/// The page that says why there is no playground.
fn notice(source: &Path, reason: &str) -> Outcome<Vec<Asset>> {
    let html = fs::read_to_string(source.join("missing.html"))?.replace("<!-- reason -->", reason);
    Ok(with_index(own(source)?, html))
}

fn own(source: &Path) -> Outcome<Vec<Asset>> {
    ["playground.css", "icon.svg"]
        .map(|name| Ok(hashed(name, fs::read(source.join(name))?)))
        .into_iter()
        .collect()
}

/// Adds the page, with the hashed names in place of the plain ones.
fn with_index(mut assets: Vec<Asset>, mut html: String) -> Vec<Asset> {
    for asset in assets.iter().filter(|asset| asset.hashed) {
        let (stem, rest) = asset.name.split_once('.').unwrap_or_default();
        let extension = rest.rsplit('.').next().unwrap_or_default();
        html = html.replace(
            &format!("\"playground/{stem}.{extension}\""),
            &format!("\"playground/{}\"", asset.name),
        );
    }
    assets.push(named("index.html", html.into_bytes()));
    assets
}

fn named(name: &str, content: Vec<u8>) -> Asset {
    Asset { name: name.to_owned(), content, hashed: false }
}

fn hashed(name: &str, content: Vec<u8>) -> Asset {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    Asset { name: format!("{stem}.{}.{extension}", hash(&content)), content, hashed: true }
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Writes the compressed files, and the Rust list of them that `http/playground.rs` includes.
fn embed(assets: &[Asset], directory: &Path) -> Outcome<()> {
    if directory.exists() {
        fs::remove_dir_all(directory)?;
    }
    fs::create_dir_all(directory)?;
    let mut list = "&[\n".to_owned();
    for Asset { name, content, hashed } in assets {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        fs::write(directory.join(name).with_added_extension("gz"), gzip.finish()?)?;
        let tag = format!("W/\"{}\"", hash(content));
        writeln!(
            list,
            "    File {{ name: {name:?}, gzip: include_bytes!(\"{name}.gz\"), tag: {tag:?}, hashed: {hashed} }},"
        )?;
    }
    list.push_str("]\n");
    fs::write(directory.join("files.rs"), list)?;
    Ok(())
}
