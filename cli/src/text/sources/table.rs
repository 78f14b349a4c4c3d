//! The table of public data sets. Addresses were looked up in 2026-11 in the scripts that published work fetches with.

use super::{Checksum, DataFile, DataSet};

const NOT_HELD: Checksum =
    Checksum::None("the makers of this program have not had the file, and its publisher states no checksum");

const fn held(name: &'static str, address: &'static str, bytes: u64, sha256: &'static str) -> DataFile {
    DataFile { name, address, checksum: Checksum::Known { bytes, sha256 } }
}

const fn not_held(name: &'static str, address: &'static str) -> DataFile {
    DataFile { name, address, checksum: NOT_HELD }
}

/// All data sets, small ones first.
pub const SETS: &[DataSet] = &[
    DataSet {
        name: "multi30k",
        what: "29,000 / 1,014 / 1,000 captions of photographs in English and German (task 1, raw)",
        licence: "non-commercial research (no licence file)",
        files: MULTI30K,
        then: "nothing: the files are read as they are",
    },
    DataSet {
        name: "tinyshakespeare",
        what: "1.1 MB of Shakespeare's plays",
        licence: "public domain",
        files: TINYSHAKESPEARE,
        then: "let empty lines be skipped: they separate the speeches",
    },
    DataSet {
        name: "wikitext-103",
        what: "100 million words of English Wikipedia, for masked language modelling (raw)",
        licence: "CC BY-SA",
        files: WIKITEXT_103,
        then: "unpack it; the text is `wiki.train.raw`; let empty lines be skipped",
    },
    DataSet {
        name: "iwslt14-de-en",
        what: "160,000 sentences of talks in German and English (IWSLT 2014)",
        licence: "CC BY-NC-ND",
        files: IWSLT14,
        then: "unpack it; remove the lines of `train.tags.de-en.*` that begin with `<`, and the marks around the others",
    },
    DataSet {
        name: "wmt14-en-de",
        what: "4.5 million sentences of parliament, web and news in English and German (WMT 2014, tokenised)",
        licence: "research use (see statmt.org/wmt14)",
        files: WMT14,
        then: "nothing: the files have a sentence per line; they are cut into words, and their entities such as \
               `&quot;` are text",
    },
    DataSet {
        name: "wmt14-en-de-raw",
        what: "the corpora that WMT 2014 in English and German is made of, as published",
        licence: "research use (see statmt.org/wmt14)",
        files: WMT14_RAW,
        then: "unpack them; put the `*.de-en.en` files after each other, and the `*.de-en.de` files in the same order; \
               the test files need their marks removed",
    },
];

const MULTI30K: &[DataFile] = &[
    held(
        "multi30k/train.de.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/train.de.gz",
        637_044,
        "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
    ),
    held(
        "multi30k/train.en.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/train.en.gz",
        568_929,
        "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
    ),
    held(
        "multi30k/val.de.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/val.de.gz",
        24_681,
        "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
    ),
    held(
        "multi30k/val.en.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/val.en.gz",
        21_650,
        "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
    ),
    held(
        "multi30k/test_2016_flickr.de.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2016_flickr.de.gz",
        22_890,
        "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8",
    ),
    held(
        "multi30k/test_2016_flickr.en.gz",
        "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/test_2016_flickr.en.gz",
        21_077,
        "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9",
    ),
];

const TINYSHAKESPEARE: &[DataFile] = &[held(
    "tinyshakespeare.txt",
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    1_115_394,
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)];

const WIKITEXT_103: &[DataFile] = &[not_held(
    "wikitext-103/wikitext-103-raw-v1.zip",
    "https://wikitext.smerity.com/wikitext-103-raw-v1.zip",
)];

const IWSLT14: &[DataFile] =
    &[not_held("iwslt14/de-en.tgz", "http://dl.fbaipublicfiles.com/fairseq/data/iwslt14/de-en.tgz")];

const WMT14: &[DataFile] = &[
    not_held("wmt14/train.en", "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/train.en"),
    not_held("wmt14/train.de", "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/train.de"),
    not_held(
        "wmt14/newstest2013.en",
        "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/newstest2013.en",
    ),
    not_held(
        "wmt14/newstest2013.de",
        "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/newstest2013.de",
    ),
    not_held(
        "wmt14/newstest2014.en",
        "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/newstest2014.en",
    ),
    not_held(
        "wmt14/newstest2014.de",
        "https://nlp.stanford.edu/projects/nmt/data/wmt14.en-de/newstest2014.de",
    ),
];

const WMT14_RAW: &[DataFile] = &[
    not_held(
        "wmt14-raw/training-parallel-europarl-v7.tgz",
        "https://www.statmt.org/wmt13/training-parallel-europarl-v7.tgz",
    ),
    not_held(
        "wmt14-raw/training-parallel-commoncrawl.tgz",
        "https://www.statmt.org/wmt13/training-parallel-commoncrawl.tgz",
    ),
    not_held(
        "wmt14-raw/training-parallel-nc-v9.tgz",
        "https://www.statmt.org/wmt14/training-parallel-nc-v9.tgz",
    ),
    not_held("wmt14-raw/dev.tgz", "https://www.statmt.org/wmt14/dev.tgz"),
    not_held("wmt14-raw/test-full.tgz", "https://www.statmt.org/wmt14/test-full.tgz"),
];
