// Settings as text: every key with its default, where its effective value came from, and its check.
//
// Precedence: flag > environment > file > default. Unknown keys are refused. One table
// (settings_table.cpp) is the source of the environment names, `seendr config` and
// docs/configuration.md.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.hpp"
#include "match/need.hpp"

namespace seendr::app {

enum class Kind {
  text,
  path,
  integer,
  boolean,
  limit,
  list,
  choice,
  redis_url,
  postgres_url,
  curve,
  turn_urls,
  shards
};

struct Key {
  std::string_view name;  // "match.lease_ms"
  Kind kind;
  std::string_view fallback;      // The default, as it would be written.
  std::string_view help;          // One sentence; the unit if the name does not say it.
  std::string_view choices = "";  // For Kind::choice: "auto human json".
  std::string_view alias = "";    // A second environment variable: "REDIS_URL".
  bool secret = false;
  std::int64_t min = 0;  // For Kind::integer.
  std::int64_t max = 4'000'000'000'000;
};

std::span<const Key> settings_table();

// SEENDR_MATCH_LEASE_MS for match.lease_ms.
std::string environment_name(std::string_view key);

// "10/60s" is `calls` 10 in `window` 60 s; "200" a plain count (window 0); "off" no limit at all.
struct LimitSetting {
  std::int64_t calls = 0;
  Millis window{0};
  bool off = false;
};
std::optional<LimitSetting> parse_limit(std::string_view text);

// "0:1,2000:0.4,5000:0": milliseconds and the share asked for then, in falling order; "linear" is
// no points.
std::optional<std::vector<match::CurvePoint>> parse_curve(std::string_view text);

// Thrown for wrong configuration; what() is one sentence that names the key and its source.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Setting {
  std::string value;
  std::string origin;  // "default", "environment REDIS_URL", "file /etc/seendr.toml", "flag --port"
};

class Settings {
 public:
  using Pairs = std::map<std::string, std::string>;

  // `environment`: the process' variables; those that start with SEENDR_ must be known.
  // `file`: path of a TOML file, empty for none. `flags`: key -> value, already by key name.
  static Settings load(const Pairs& environment, const std::string& file, const Pairs& flags);

  const Setting& at(std::string_view key) const;
  bool given(std::string_view key) const { return at(key).origin != "default"; }

  std::string text(std::string_view key) const { return at(key).value; }
  std::int64_t integer(std::string_view key) const;
  Millis ms(std::string_view key) const { return Millis(integer(key)); }
  bool boolean(std::string_view key) const { return at(key).value == "true"; }
  LimitSetting limit(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;  // Comma-separated, blanks trimmed.

  // key = value   (origin), a line each; secrets and passwords in URLs are masked.
  std::string show() const;

 private:
  void set(const std::string& key, std::string value, const std::string& origin);
  void read_file(const std::string& path);
  void read_environment(const Pairs& environment);

  std::map<std::string, Setting, std::less<>> values_;
};

// The text of docs/configuration.md.
std::string settings_reference();

}  // namespace seendr::app
