// What is kept beside a value that Seendr loaded or tagged: how long loading took, how much longer
// it may be served when it has expired, and the tags it depends on. Pure.
//
// JSON under a key of its own, so that the value stays what Django reads and writes:
//   {"crc": 3421780262, "size": 9, "load_us": 1500, "stale_ms": 60000, "tags": {"team:7": "9f…"}}
// `crc` and `size` are those of the stored bytes: when Django has written the key since, they
// differ and the rest says nothing about the new value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.hpp"

namespace seendr::cache {

// A tag's name and the token that the tag had before the value was loaded. The value counts while
// the tag still has it.
using Marks = std::map<std::string, std::string>;

struct Meta {
  std::chrono::microseconds load_time{0};
  Millis stale{0};
  Marks marks;

  bool empty() const { return load_time.count() == 0 && stale.count() == 0 && marks.empty(); }
};

std::string encode(const Meta& meta, std::string_view stored);

// nullopt when the text does not speak of the stored bytes.
std::optional<Meta> decode_meta(std::string_view text, std::string_view stored);

// XFetch: whether this reader refreshes a value that is still good for `fresh_for`, so that it does
// not run out for all at once. `chance` is uniform in [0, 1).
// Source: Vattani, Chierichetti, Lowenstein: "Optimal Probabilistic Cache Stampede Prevention",
// VLDB 2015.
bool refresh_early(std::chrono::microseconds load_time, Millis fresh_for, double beta,
                   double chance);

// `ttl` less a random part of it, at most `jitter` of the whole.
Millis jittered(Millis ttl, double jitter, double chance);

}  // namespace seendr::cache
