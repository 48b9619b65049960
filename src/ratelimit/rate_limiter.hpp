// Limits on how often something is done, counted in Redis by all processes together.
//
// A call is counted against one limit or against several at once, in one script: it passes if all
// of them allow it, and a refused call consumes nothing of any. Time is Redis' own, in
// microseconds. Every key expires by itself when what it counts has no effect any more.
#pragma once

#include <map>
#include <optional>

#include "ratelimit/limit.hpp"
#include "ratelimit/local_limiter.hpp"
#include "redis/client.hpp"
#include "redis/script.hpp"

namespace seendr::ratelimit {

struct RateLimiterOptions {
  Millis timeout{250};        // For Redis' answer; after that the call is decided without it.
  Millis ask_again{500};      // While Redis does not answer, one call in this time asks it.
  Millis refused_wait{1000};  // retry_after of WithoutRedis::refuse.
  std::size_t local_capacity = 100'000;  // See LocalLimiter.
  const Clock* clock = nullptr;          // Its wall() instead of Redis' time; for tests only.
};

class RateLimiter {
 public:
  // The client, and the clock if there is one, must outlive the limiter. Used on the client's
  // executor.
  RateLimiter(const Env& env, redis::Client& redis, RateLimiterOptions options = {});

  // Counts one call. When Redis is away the limits say who decides (WithoutRedis): the answer then
  // comes after `timeout` at most, and for most callers at once. Throws system_error when the
  // client was stopped, and for errors of Redis that are not an outage.
  awaitable<Decision> acquire(Limit limit, std::string subject);

  // The same for several limits, all or nothing. Allowed when there are none. Requires: no limit
  // twice for one subject.
  awaitable<Decision> acquire(std::vector<Use> uses);

 private:
  awaitable<std::optional<Decision>> ask_redis(const std::vector<Use>& uses);
  void remember(const std::vector<Use>& uses);
  std::int64_t local_us() const;
  Decision decide_alone(const std::vector<Use>& uses);
  bool is_away();
  void lost(const std::string& why);
  void found();
  void count(const std::vector<Use>& uses, const Decision& decision);

  Env env_;
  redis::Client& redis_;
  RateLimiterOptions options_;
  redis::Script acquire_;
  LocalLimiter local_;
  bool away_ = false;
  std::uint64_t away_on_ = 0;  // The connection on which Redis did not answer.
  std::chrono::steady_clock::time_point ask_at_;
  Counter& allowed_;
  Counter& alone_;
  std::map<std::string, Counter*> refused_;  // By the limit's name.
};

}  // namespace seendr::ratelimit
