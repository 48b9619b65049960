#include "app/settings/settings.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <sstream>

#include "base/number.hpp"
#include "postgres/url.hpp"
#include "redis/url.hpp"

#include <toml++/toml.h>

namespace seendr::app {

namespace {

const Key* find_key(std::string_view name) {
  for (const Key& key : settings_table()) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::string(text)};
  for (std::string part; std::getline(in, part, separator);) {
    const auto first = part.find_first_not_of(" \t");
    if (first == std::string::npos) continue;
    parts.push_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
  }
  return parts;
}

bool are_turn_urls(std::string_view text) {
  const std::vector<std::string> urls = split(text, ',');
  return std::all_of(urls.begin(), urls.end(), [](const std::string& url) {
    return url.starts_with("stun:") || url.starts_with("turn:") || url.starts_with("turns:");
  });
}

constexpr std::string_view kRedisUrl =
    "must be like redis://host:6379/0, rediss://user:password@host or unix:///path?db=0";
constexpr std::string_view kPostgresUrl =
    "must be a PostgreSQL URI like postgresql://user:password@host:5432/name";

// Never to be repeated, not even when it is wrong: it may be a password, or have one in it.
bool is_private(const Key& key) {
  return key.secret || key.kind == Kind::redis_url || key.kind == Kind::postgres_url;
}

// Why `value` is not one for `key`; empty when it is.
std::string problem(const Key& key, const std::string& value) {
  switch (key.kind) {
    case Kind::integer: {
      const auto number = parse_number<std::int64_t>(value);
      if (!number) return "must be a whole number";
      if (*number < key.min || *number > key.max) {
        return "must be from " + std::to_string(key.min) + " to " + std::to_string(key.max);
      }
      return "";
    }
    case Kind::boolean:
      return value == "true" || value == "false" ? "" : "must be true or false";
    case Kind::limit:
      return parse_limit(value) ? "" : "must be like 10/60s, a whole number, or off";
    case Kind::choice: {
      const auto choices = split(key.choices, ' ');
      const bool known = std::find(choices.begin(), choices.end(), value) != choices.end();
      return known ? "" : "must be one of " + std::string(key.choices);
    }
    case Kind::redis_url:
      return value.empty() || redis::parse_url(value) ? "" : std::string(kRedisUrl);
    case Kind::postgres_url:
      return value.empty() || postgres::is_uri(value) ? "" : std::string(kPostgresUrl);
    case Kind::curve:
      return parse_curve(value) ? "" : "must be linear or falling points like 0:1,2000:0.4,5000:0";
    case Kind::turn_urls:
      return are_turn_urls(value) ? "" : "must be stun:, turn: and turns: URLs";
    case Kind::shards:
      return value.find('=') != std::string::npos ? "" : "must be like *=all or en=en.0";
    default:
      return "";
  }
}

constexpr std::string_view kPassword = "password=";

std::string mask(const Key& key, const std::string& value) {
  if (value.empty()) return value;
  if (key.secret) return "********";
  if (!is_private(key)) return value;
  std::string masked = value;
  const auto scheme = masked.find("://");
  const auto at = masked.rfind('@');
  const auto colon = scheme == std::string::npos ? scheme : masked.find(':', scheme + 3);
  if (at != std::string::npos && colon != std::string::npos && colon < at) {
    masked.replace(colon + 1, at - colon - 1, "********");
  }
  for (std::size_t from = 0; (from = masked.find(kPassword, from)) != std::string::npos;) {
    from += kPassword.size();
    masked.replace(from, std::min(masked.find('&', from), masked.size()) - from, "********");
  }
  return masked;
}

std::string toml_text(const toml::node& node, const std::string& key) {
  if (const auto* value = node.as_string()) return value->get();
  if (const auto* value = node.as_integer()) return std::to_string(value->get());
  if (const auto* value = node.as_boolean()) return value->get() ? "true" : "false";
  if (const auto* items = node.as_array()) {
    std::string joined;
    for (const toml::node& item : *items) {
      if (!joined.empty()) joined += ',';
      joined += toml_text(item, key);
    }
    return joined;
  }
  throw ConfigError(key + ": a value of this type is not understood");
}

void flatten(const toml::table& table, const std::string& prefix, Settings::Pairs& out) {
  for (const auto& [name, node] : table) {
    const std::string key =
        prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      flatten(*inner, key, out);
    } else {
      out[key] = toml_text(node, key);
    }
  }
}

}  // namespace

std::string environment_name(std::string_view key) {
  std::string name = "SEENDR_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::optional<LimitSetting> parse_limit(std::string_view text) {
  if (text == "off") return LimitSetting{.off = true};
  const auto slash = text.find('/');
  const auto calls = parse_number<std::int64_t>(text.substr(0, slash));
  if (!calls || *calls < 1) return std::nullopt;
  if (slash == std::string_view::npos) return LimitSetting{.calls = *calls};
  std::string_view window = text.substr(slash + 1);
  std::int64_t unit = 0;
  if (window.ends_with("ms")) {
    unit = 1;
    window.remove_suffix(2);
  } else if (window.ends_with('s')) {
    unit = 1000;
    window.remove_suffix(1);
  }
  const auto length = parse_number<std::int64_t>(window);
  if (unit == 0 || !length || *length < 1) return std::nullopt;
  return LimitSetting{.calls = *calls, .window = Millis(*length * unit)};
}

std::optional<std::vector<match::CurvePoint>> parse_curve(std::string_view text) {
  std::vector<match::CurvePoint> points;
  if (text == "linear") return points;
  for (const std::string_view point : split(text, ',')) {
    const auto colon = std::min(point.find(':'), point.size() - 1);
    const auto after = parse_number<std::int64_t>(point.substr(0, colon));
    const auto share = parse_number<double>(point.substr(colon + 1));
    if (!after || !share) return std::nullopt;
    points.push_back(match::CurvePoint{Millis(*after), *share});
  }
  if (!match::RelaxCurve::through(points)) return std::nullopt;
  return points;
}

Settings Settings::load(const Pairs& environment, const std::string& file, const Pairs& flags) {
  Settings settings;
  for (const Key& key : settings_table()) {
    settings.values_[std::string(key.name)] = Setting{std::string(key.fallback), "default"};
  }
  if (!file.empty()) settings.read_file(file);
  settings.read_environment(environment);
  for (const auto& [key, value] : flags) settings.set(key, value, "flag");
  return settings;
}

void Settings::set(const std::string& name, std::string value, const std::string& origin) {
  const Key* key = find_key(name);
  if (!key) throw ConfigError("unknown configuration key " + name + " (" + origin + ")");
  const std::string why = problem(*key, value);
  if (!why.empty()) {
    const std::string shown = is_private(*key) ? "" : " \"" + value + "\"";
    throw ConfigError(name + shown + " " + why + " (" + origin + ")");
  }
  values_[name] = Setting{std::move(value), origin};
}

void Settings::read_file(const std::string& path) {
  Pairs pairs;
  try {
    flatten(toml::parse_file(path), "", pairs);
  } catch (const toml::parse_error& error) {
    throw ConfigError(path + ":" + std::to_string(error.source().begin.line) + ": " +
                      std::string(error.description()));
  }
  for (const auto& [key, value] : pairs) set(key, value, "file " + path);
}

void Settings::read_environment(const Pairs& environment) {
  std::set<std::string> known;
  for (const Key& key : settings_table()) {
    std::vector<std::string> names;
    if (!key.alias.empty()) names.emplace_back(key.alias);
    names.push_back(environment_name(key.name));
    for (const std::string& name : names) {
      known.insert(name);
      const auto found = environment.find(name);
      if (found == environment.end()) continue;
      set(std::string(key.name), found->second, "environment " + name);
    }
  }
  for (const auto& [name, value] : environment) {
    if (name.starts_with("SEENDR_") && !known.contains(name)) {
      throw ConfigError("unknown environment variable " + name);
    }
  }
}

const Setting& Settings::at(std::string_view key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw std::logic_error("no configuration key " + std::string(key));
  return found->second;
}

std::int64_t Settings::integer(std::string_view key) const {
  return parse_number<std::int64_t>(at(key).value).value();
}

LimitSetting Settings::limit(std::string_view key) const {
  return parse_limit(at(key).value).value();
}

std::vector<std::string> Settings::list(std::string_view key) const {
  return split(at(key).value, ',');
}

std::string Settings::show() const {
  std::string out;
  for (const Key& key : settings_table()) {
    const Setting& setting = at(key.name);
    out +=
        std::string(key.name) + " = " + mask(key, setting.value) + "   (" + setting.origin + ")\n";
  }
  return out;
}

std::string settings_reference() {
  std::string out =
      "# Configuration\n\n"
      "Generated by `seendr config reference`; do not edit.\n\n"
      "A key is given as a flag of `serve` (where it has one), as an environment variable, or in "
      "the TOML file named by\n"
      "`--config`; in that order of precedence. Lists are comma-separated, or arrays in TOML. An "
      "unknown key or `SEENDR_*`\n"
      "variable is an error. `seendr config` prints each effective value and where it came "
      "from.\n\n"
      "A limit is calls in a window (`10/60s`), a plain count where it is one, or `off`.\n";
  std::string section;
  for (const Key& key : settings_table()) {
    const std::string name(key.name);
    if (name.substr(0, name.find('.')) != section) {
      section = name.substr(0, name.find('.'));
      out += "\n## " + section + "\n\n| key | environment | default | |\n|---|---|---|---|\n";
    }
    std::string variables = "`" + environment_name(key.name) + "`";
    if (!key.alias.empty()) variables = "`" + std::string(key.alias) + "`, " + variables;
    std::string help(key.help);
    if (key.kind == Kind::choice) help += " One of: " + std::string(key.choices) + ".";
    const std::string fallback = key.fallback.empty() ? "" : "`" + std::string(key.fallback) + "`";
    out += "| `" + name + "` | " + variables + " | " + fallback + " | " + help + " |\n";
  }
  return out;
}

}  // namespace seendr::app
