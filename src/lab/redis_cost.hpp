// What a stretch of work cost a Redis server: commands and CPU time, from its own counters.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "redis/client.hpp"
#include "runtime/net.hpp"

namespace seendr::lab {

struct RedisCost {
  std::map<std::string, std::uint64_t> calls;  // By command, in lower case; scripts' own included.
  double cpu_us = 0;

  std::uint64_t total() const;
};

// From the text of INFO with its sections `commandstats` and `cpu`.
RedisCost parse_cost(std::string_view info);

// What came in between; without INFO itself.
RedisCost difference(const RedisCost& before, const RedisCost& after);

awaitable<RedisCost> read_cost(redis::Client& client);

}  // namespace seendr::lab
