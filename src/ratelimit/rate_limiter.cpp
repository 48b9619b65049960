#include "ratelimit/rate_limiter.hpp"

#include <algorithm>
#include <cassert>
#include <set>

#include "ratelimit/acquire.lua.hpp"
#include "ratelimit/keys.hpp"

namespace seendr::ratelimit {

namespace {

constexpr Millis kLongest = std::chrono::hours(31 * 24);

bool is_valid(const Limit& limit) {
  const bool named = !limit.name.empty() && limit.name.find(':') == std::string::npos;
  const bool counted = limit.calls >= 1 && limit.calls <= 1'000'000 && limit.burst >= 0;
  const bool timed = limit.window >= Millis(1) && limit.window <= kLongest;
  if (!named || !counted || !timed) return false;
  const Terms terms = terms_of(limit);
  const bool spread = limit.algorithm == Algorithm::gcra;
  return !spread || terms.span_us <= kLongest.count() * 1000 / terms.count;  // A whole burst.
}

[[maybe_unused]] bool are_valid(const std::vector<Use>& uses) {
  std::set<std::string> keys;
  for (const Use& use : uses) {
    if (!is_valid(use.limit) || !keys.insert(limit_key(use)).second) return false;
  }
  return true;
}

bool is_outage(const error_code& code) {
  return code == redis::Errc::timed_out || code == redis::Errc::overloaded ||
         code == redis::Errc::connection_lost;
}

Decision decision_of(const redis::Reply& reply, std::size_t limits) {
  const std::vector<redis::Reply>& numbers = reply.as_array();
  if (numbers.size() != 1 + 3 * limits) {
    throw system_error(make_error_code(redis::Errc::bad_reply), "acquire.lua");
  }
  std::vector<Verdict> verdicts;
  for (std::size_t i = 1; i < numbers.size(); i += 3) {
    verdicts.push_back(
        Verdict{numbers[i].as_int(), numbers[i + 1].as_int(), numbers[i + 2].as_int()});
  }
  return combine(numbers[0].as_int() == 1, verdicts);
}

}  // namespace

RateLimiter::RateLimiter(const Env& env, redis::Client& redis, RateLimiterOptions options)
    : env_(env),
      redis_(redis),
      options_(options),
      acquire_(kAcquireLua),
      local_(options.local_capacity),
      allowed_(env.metrics.counter("seendr_ratelimit_allowed_total", "Calls that passed.")),
      alone_(env.metrics.counter("seendr_ratelimit_without_redis_total",
                                 "Calls that were decided without Redis.")) {}

awaitable<Decision> RateLimiter::acquire(Limit limit, std::string subject) {
  std::vector<Use> uses;
  uses.push_back(Use{std::move(limit), std::move(subject)});
  co_return co_await acquire(std::move(uses));
}

awaitable<Decision> RateLimiter::acquire(std::vector<Use> uses) {
  assert(are_valid(uses));
  if (uses.empty()) co_return Decision();
  std::optional<Decision> decision;
  if (!is_away()) {
    decision = co_await ask_redis(uses);
  }
  if (!decision) {
    decision = decide_alone(uses);
  } else if (decision->allowed) {
    remember(uses);
  }
  count(uses, *decision);
  co_return *decision;
}

// Nothing when Redis is away.
awaitable<std::optional<Decision>> RateLimiter::ask_redis(const std::vector<Use>& uses) {
  const std::int64_t now_us = options_.clock ? options_.clock->wall_ms() * 1000 : 0;
  std::vector<std::string> keys;
  std::vector<std::string> argv{std::to_string(now_us)};
  for (const Use& use : uses) {
    const Terms terms = terms_of(use.limit);
    keys.push_back(limit_key(use));
    argv.emplace_back(use.limit.algorithm == Algorithm::gcra ? "gcra" : "window");
    argv.push_back(std::to_string(terms.count));
    argv.push_back(std::to_string(terms.span_us));
  }
  std::string why;
  try {
    const redis::Reply reply = co_await acquire_.run(redis_, keys, argv, options_.timeout);
    found();
    co_return decision_of(reply, uses.size());
  } catch (const redis::ServerError& error) {
    if (!redis::is_outage(error)) throw;
    why = what(error);
  } catch (const system_error& error) {
    if (!is_outage(error.code())) throw;
    why = what(error);
  }
  lost(why);
  co_return std::nullopt;
}

// What this process let through with Redis it does not let through once more without.
void RateLimiter::remember(const std::vector<Use>& uses) {
  const std::int64_t now_us = local_us();
  for (const Use& use : uses) {
    if (use.limit.without_redis != WithoutRedis::local) continue;
    if (local_.look(use, now_us).left > 0) local_.take(use, now_us);
  }
}

std::int64_t RateLimiter::local_us() const {
  const auto since = env_.clock.now().time_since_epoch();
  return std::chrono::floor<std::chrono::microseconds>(since).count();
}

Decision RateLimiter::decide_alone(const std::vector<Use>& uses) {
  const std::int64_t now_us = local_us();
  const std::int64_t wait_us = options_.refused_wait.count() * 1000;
  bool allowed = true;
  std::vector<Verdict> verdicts;
  for (const Use& use : uses) {
    Verdict verdict{use.limit.calls, 0, 0};
    if (use.limit.without_redis == WithoutRedis::local) verdict = local_.look(use, now_us);
    if (use.limit.without_redis == WithoutRedis::refuse) verdict = Verdict{0, wait_us, wait_us};
    allowed = allowed && verdict.left > 0;
    verdicts.push_back(verdict);
  }
  for (std::size_t i = 0; allowed && i < uses.size(); ++i) {
    if (uses[i].limit.without_redis == WithoutRedis::local) {
      verdicts[i] = local_.take(uses[i], now_us);
    }
  }
  Decision decision = combine(allowed, verdicts);
  decision.without_redis = true;
  return decision;
}

// Whether not to ask Redis at all. It is asked again at once on a new connection, and else by one
// call every while, so that callers do not wait for a Redis that does not answer.
bool RateLimiter::is_away() {
  if (!away_) return false;
  if (redis_.connected() && redis_.connections() != away_on_) return false;
  if (env_.clock.now() < ask_at_) return true;
  ask_at_ = env_.clock.now() + options_.ask_again;
  return false;
}

void RateLimiter::lost(const std::string& why) {
  if (!away_) env_.log.warn("ratelimit_without_redis", "error", why);
  away_ = true;
  away_on_ = redis_.connections();
  ask_at_ = env_.clock.now() + options_.ask_again;
}

void RateLimiter::found() {
  if (away_) env_.log.info("ratelimit_with_redis");
  away_ = false;
}

void RateLimiter::count(const std::vector<Use>& uses, const Decision& decision) {
  if (decision.without_redis) alone_.Increment();
  if (decision.allowed) {
    allowed_.Increment();
    return;
  }
  const std::string& name = uses[decision.limit].limit.name;
  Counter*& refused = refused_[name];
  if (!refused) {
    refused = &env_.metrics.counter("seendr_ratelimit_refused_total",
                                    "Calls that were refused, by limit.", {{"limit", name}});
  }
  refused->Increment();
}

}  // namespace seendr::ratelimit
