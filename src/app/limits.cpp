#include "app/limits.hpp"

#include <algorithm>

#include <boost/asio/ip/address.hpp>

#include "codec/crypto.hpp"
#include "codec/text.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kHousehold = 8;  // Bytes of an IPv6 address: its /64.

ratelimit::RateLimiterOptions options_of(const LimitRules& rules) {
  ratelimit::RateLimiterOptions options;
  options.timeout = rules.redis_timeout;
  return options;
}

void add_use(std::vector<ratelimit::Use>& uses, const LimitSetting& setting, std::string name,
             std::string subject) {
  if (setting.off) return;
  ratelimit::Limit limit;
  limit.name = std::move(name);
  limit.calls = setting.calls;
  limit.window = setting.window;
  uses.push_back(ratelimit::Use{std::move(limit), std::move(subject)});
}

}  // namespace

Limits::Limits(const Env& env, redis::Client& redis, LimitRules rules)
    : rules_(rules), limiter_(env, redis, options_of(rules)) {}

awaitable<ratelimit::Decision> Limits::acquire(std::vector<ratelimit::Use> uses) {
  if (uses.empty()) co_return ratelimit::Decision{};
  co_return co_await limiter_.acquire(std::move(uses));
}

awaitable<ratelimit::Decision> Limits::acquire(LimitSetting setting, std::string name,
                                               std::string subject) {
  std::vector<ratelimit::Use> uses;
  add_use(uses, setting, std::move(name), std::move(subject));
  co_return co_await acquire(std::move(uses));
}

awaitable<ratelimit::Decision> Limits::sign_in(std::string account, std::string address) {
  std::vector<ratelimit::Use> uses;
  add_use(uses, rules_.sign_in_account, "sign_in_account", std::move(account));
  add_use(uses, rules_.sign_in_address, "sign_in_address", address_subject(address));
  co_return co_await acquire(std::move(uses));
}

awaitable<ratelimit::Decision> Limits::search(UserId user) {
  return acquire(rules_.matching, "matching", user.text());
}

awaitable<ratelimit::Decision> Limits::report(UserId user) {
  return acquire(rules_.reports, "reports", user.text());
}

awaitable<ratelimit::Decision> Limits::block(UserId user) {
  return acquire(rules_.reports, "blocks", user.text());
}

awaitable<ratelimit::Decision> Limits::recovery_mail(UserId user) {
  return acquire(rules_.reset_account, "reset_account", user.text());
}

awaitable<ratelimit::Decision> Limits::avatar(UserId user) {
  return acquire(rules_.avatar, "avatar", user.text());
}

awaitable<ratelimit::Decision> Limits::data_export(UserId user) {
  return acquire(rules_.data_export, "export", user.text());
}

awaitable<ratelimit::Decision> Limits::registration(std::string address) {
  return acquire(rules_.register_address, "register_address", address_subject(address));
}

awaitable<ratelimit::Decision> Limits::guest(std::string address) {
  return acquire(rules_.guest_address, "guest_address", address_subject(address));
}

awaitable<ratelimit::Decision> Limits::recovery(std::string address) {
  return acquire(rules_.reset_address, "reset_address", address_subject(address));
}

std::int64_t retry_after_s(const ratelimit::Decision& decision) {
  return std::max<std::int64_t>(1, (decision.retry_after.count() + 999) / 1000);
}

std::string address_subject(const std::string& address) {
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(address, error);
  if (error || parsed.is_v4()) return address;
  const boost::asio::ip::address_v6 v6 = parsed.to_v6();
  const auto all = v6.to_bytes();
  if (v6.is_v4_mapped()) {
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
  }
  return to_hex(Bytes(all.data(), kHousehold)) + "/64";
}

std::string account_subject(const std::string& email) {
  std::string folded = email;
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return to_hex(bytes(sha256(folded)));
}

}  // namespace seendr::app
