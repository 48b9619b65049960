#include "cache/meta.hpp"

#include <algorithm>
#include <cmath>

#include "base/json.hpp"
#include "cache/options.hpp"
#include "codec/deflate.hpp"

namespace seendr::cache {

std::string encode(const Meta& meta, std::string_view stored) {
  json::object tags;
  for (const auto& [tag, token] : meta.marks) tags[tag] = token;
  json::object out;
  out["crc"] = crc32_of(stored);
  out["size"] = stored.size();
  out["load_us"] = meta.load_time.count();
  out["stale_ms"] = meta.stale.count();
  out["tags"] = std::move(tags);
  return json::serialize(out);
}

std::optional<Meta> decode_meta(std::string_view text, std::string_view stored) {
  const std::optional<json::object> object = json::parse_object(text);
  if (!object) return std::nullopt;
  json::Reader reader(*object);
  const std::int64_t crc = reader.integer("crc");
  const std::int64_t size = reader.integer("size");
  Meta meta;
  meta.load_time = std::chrono::microseconds(reader.integer("load_us"));
  meta.stale = Millis(reader.integer("stale_ms"));
  const json::value* tags = object->if_contains("tags");
  if (!reader.ok() || !tags || !tags->is_object()) return std::nullopt;
  if (static_cast<std::size_t>(size) != stored.size() || crc != crc32_of(stored)) {
    return std::nullopt;
  }
  for (const auto& [tag, token] : tags->get_object()) {
    if (!token.is_string()) return std::nullopt;
    meta.marks.emplace(tag, token.get_string());
  }
  return meta;
}

bool refresh_early(std::chrono::microseconds load_time, Millis fresh_for, double beta,
                   double chance) {
  if (load_time.count() <= 0 || beta <= 0 || fresh_for == kForever) return false;
  const double earlier = -static_cast<double>(load_time.count()) * beta * std::log(1.0 - chance);
  return earlier >= static_cast<double>(fresh_for.count()) * 1000.0;
}

Millis jittered(Millis ttl, double jitter, double chance) {
  if (ttl == kForever) return ttl;
  const double factor = 1.0 - std::clamp(jitter, 0.0, 1.0) * chance;
  return std::max(Millis(1),
                  Millis(static_cast<std::int64_t>(static_cast<double>(ttl.count()) * factor)));
}

}  // namespace seendr::cache
