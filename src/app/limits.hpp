// What may be done how often, as the settings limits.* say: one place for sockets and HTTP.
#pragma once

#include <optional>
#include <string>

#include "app/settings/settings.hpp"
#include "base/env.hpp"
#include "base/ids.hpp"
#include "ratelimit/rate_limiter.hpp"

namespace seendr::app {

// A limit that is off lets everything pass. Each has a window.
struct LimitRules {
  LimitSetting matching{.off = true};
  LimitSetting sign_in_account{.off = true};
  LimitSetting sign_in_address{.off = true};
  LimitSetting register_address{.off = true};
  LimitSetting guest_address{.off = true};
  LimitSetting reset_account{.off = true};
  LimitSetting reset_address{.off = true};
  LimitSetting reports{.off = true};
  LimitSetting avatar{.off = true};
  LimitSetting data_export{.off = true};
  Millis redis_timeout{250};  // After that a call is decided without it.
};

// Counted in Redis by all processes together. While Redis is away each process counts alone by the
// same limits and what it let through before, so that an outage opens no door. Used on the client's
// executor.
class Limits {
 public:
  Limits(const Env& env, redis::Client& redis, LimitRules rules);  // The client must outlive it.

  // Each counts one call. Throws what ratelimit::RateLimiter throws.
  awaitable<ratelimit::Decision> search(UserId user);
  awaitable<ratelimit::Decision> report(UserId user);
  awaitable<ratelimit::Decision> block(UserId user);  // As often as reports, counted apart.
  // `account`: the person's id, or account_subject() of an address that nobody has.
  awaitable<ratelimit::Decision> sign_in(std::string account, std::string address);
  awaitable<ratelimit::Decision> registration(std::string address);
  awaitable<ratelimit::Decision> guest(std::string address);
  awaitable<ratelimit::Decision> recovery(std::string address);
  awaitable<ratelimit::Decision> recovery_mail(UserId user);
  awaitable<ratelimit::Decision> avatar(UserId user);
  awaitable<ratelimit::Decision> data_export(UserId user);

 private:
  awaitable<ratelimit::Decision> acquire(std::vector<ratelimit::Use> uses);
  awaitable<ratelimit::Decision> acquire(LimitSetting setting, std::string name,
                                         std::string subject);

  LimitRules rules_;
  ratelimit::RateLimiter limiter_;
};

// Whole seconds to wait, at least 1: what Retry-After says.
std::int64_t retry_after_s(const ratelimit::Decision& decision);

// Whom an address stands for: itself, or the /64 of an IPv6 address, as a household has all of it.
std::string address_subject(const std::string& address);

// What an address without an account is counted under: a hash, whatever the case of ASCII letters.
std::string account_subject(const std::string& email);

}  // namespace seendr::app
