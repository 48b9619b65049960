#include "cache/probe.hpp"

#include <algorithm>

namespace seendr::cache {

namespace {

constexpr std::size_t kMaxClasses = 64;
constexpr std::size_t kMaxName = 32;
constexpr std::string_view kOther = "other";

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view class_of(std::string_view key_name) {
  const std::string_view head = key_name.substr(0, key_name.find(':'));
  const bool word = !head.empty() && head.size() < key_name.size() && head.size() <= kMaxName &&
                    std::all_of(head.begin(), head.end(), is_word);
  return word ? head : kOther;
}

std::uint64_t count(const Counter& counter) {
  return static_cast<std::uint64_t>(counter.Value());
}

}  // namespace

Probe::Probe(Metrics& metrics)
    : metrics_(metrics),
      redis_failures_(metrics.counter("seendr_cache_redis_failures_total",
                                      "Calls that went on without Redis.")),
      unreadable_(metrics.counter("seendr_cache_unreadable_total",
                                  "Stored values that could not be read.")),
      memory_bytes_(
          metrics.gauge("seendr_cache_memory_bytes", "What the level in the process holds.")) {}

Probe::Class Probe::make(const std::string& name) {
  const auto counter = [this, &name](const char* metric, const char* help) -> Counter& {
    return metrics_.counter(metric, help, {{"class", name}});
  };
  const auto hits = [this, &name](const char* level) -> Counter& {
    return metrics_.counter("seendr_cache_hits_total", "Values found fresh, by level.",
                            {{"class", name}, {"level", level}});
  };
  const auto loads = [this, &name](const char* outcome) -> Counter& {
    return metrics_.counter("seendr_cache_loads_total", "Loads by result.",
                            {{"class", name}, {"result", outcome}});
  };
  return Class{
      hits("memory"),
      hits("redis"),
      counter("seendr_cache_misses_total", "Values that were not there."),
      counter("seendr_cache_stale_total", "Expired values served while one loads."),
      loads("ok"),
      loads("failed"),
      counter("seendr_cache_load_seconds_total", "Time spent in loads."),
      counter("seendr_cache_read_bytes_total", "Bytes of values read from Redis."),
      counter("seendr_cache_written_bytes_total", "Bytes of values written to Redis."),
  };
}

Probe::Class& Probe::of(std::string_view key_name) {
  std::string_view name = class_of(key_name);
  auto found = classes_.find(name);
  if (found != classes_.end()) return found->second;
  if (classes_.size() >= kMaxClasses) name = kOther;
  found = classes_.find(name);
  if (found != classes_.end()) return found->second;
  const std::string text(name);
  return classes_.emplace(text, make(text)).first->second;
}

std::map<std::string, Counts> Probe::counts() const {
  std::map<std::string, Counts> all;
  for (const auto& [name, of] : classes_) {
    Counts& counts = all[name];
    counts.memory_hits = count(of.memory_hits);
    counts.redis_hits = count(of.redis_hits);
    counts.misses = count(of.misses);
    counts.stale = count(of.stale);
    counts.loads = count(of.loads);
    counts.failed = count(of.failed);
    counts.load_seconds = of.load_seconds.Value();
    counts.bytes_read = count(of.bytes_read);
    counts.bytes_written = count(of.bytes_written);
  }
  return all;
}

void Probe::memory(std::size_t bytes) {
  if (bytes == reported_bytes_) return;
  memory_bytes_.Increment(static_cast<double>(bytes) - static_cast<double>(reported_bytes_));
  reported_bytes_ = bytes;
}

}  // namespace seendr::cache
