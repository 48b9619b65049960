#include "lab/redis_cost.hpp"

#include <algorithm>
#include <charconv>

namespace seendr::lab {
namespace {

template <class Number>
Number number_in(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// "cmdstat_get:calls=3,usec=12,..." and "used_cpu_user:1.250000".
void read_line(std::string_view line, RedisCost& out) {
  constexpr std::string_view kCommand = "cmdstat_";
  constexpr std::string_view kCalls = ":calls=";
  constexpr std::string_view kUser = "used_cpu_user:";
  constexpr std::string_view kSystem = "used_cpu_sys:";
  constexpr double kMicrosPerSecond = 1e6;
  if (line.substr(0, kUser.size()) == kUser) {
    out.cpu_us += kMicrosPerSecond * number_in<double>(line.substr(kUser.size()));
  } else if (line.substr(0, kSystem.size()) == kSystem) {
    out.cpu_us += kMicrosPerSecond * number_in<double>(line.substr(kSystem.size()));
  } else if (line.substr(0, kCommand.size()) == kCommand) {
    const std::size_t at = line.find(kCalls);
    if (at == std::string_view::npos) return;
    const std::string name(line.substr(kCommand.size(), at - kCommand.size()));
    out.calls[name] = number_in<std::uint64_t>(line.substr(at + kCalls.size()));
  }
}

}  // namespace

std::uint64_t RedisCost::total() const {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : calls) sum += count;
  return sum;
}

RedisCost parse_cost(std::string_view info) {
  RedisCost out;
  while (!info.empty()) {
    const std::size_t end = std::min(info.find("\r\n"), info.size());
    read_line(info.substr(0, end), out);
    info.remove_prefix(std::min(end + 2, info.size()));
  }
  return out;
}

RedisCost difference(const RedisCost& before, const RedisCost& after) {
  RedisCost out;
  out.cpu_us = after.cpu_us - before.cpu_us;
  for (const auto& [name, count] : after.calls) {
    const auto it = before.calls.find(name);
    const std::uint64_t old = it == before.calls.end() ? 0 : it->second;
    if (name != "info" && count > old) out.calls[name] = count - old;
  }
  return out;
}

awaitable<RedisCost> read_cost(redis::Client& client) {
  redis::Pipeline info;
  info.add("INFO", "commandstats");
  info.add("INFO", "cpu");
  const std::vector<redis::Reply> replies = co_await client.exec(std::move(info));
  co_return parse_cost(replies[0].text() + replies[1].text());
}

}  // namespace seendr::lab
