#include "http/limits.hpp"

#include <algorithm>

#include <sys/resource.h>

namespace seendr::http {

namespace {

std::string key_of(const boost::asio::ip::address& address) {
  if (address.is_v4()) {
    const auto bytes = address.to_v4().to_bytes();
    return std::string(bytes.begin(), bytes.end());
  }
  const boost::asio::ip::address_v6 v6 = address.to_v6();
  const auto bytes = v6.to_bytes();
  if (v6.is_v4_mapped()) return std::string(bytes.begin() + 12, bytes.end());
  return std::string(bytes.begin(), bytes.begin() + 8);
}

}  // namespace

std::size_t raise_descriptor_limit(std::size_t reserved) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);  // What we may not raise we live with.
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  constexpr std::size_t kPlenty = 1'000'000;
  const std::size_t all = std::min<std::size_t>(limit.rlim_cur, kPlenty);
  const std::size_t kept = all / 20 + reserved;
  return all > kept + 16 ? all - kept : 16;
}

bool ConnectionCounts::enter() {
  const std::size_t before = total_.fetch_add(1, std::memory_order_relaxed);
  if (total_limit_ == 0 || before < total_limit_) return true;
  leave();
  return false;
}

void ConnectionCounts::leave() {
  total_.fetch_sub(1, std::memory_order_relaxed);
}

ConnectionCounts::Shard& ConnectionCounts::shard(const std::string& key) {
  return shards_[std::hash<std::string>()(key) % shards_.size()];
}

std::size_t ConnectionCounts::enter_address(const boost::asio::ip::address& address) {
  const std::string key = key_of(address);
  Shard& home = shard(key);
  const std::lock_guard lock(home.mutex);
  return ++home.counts[key];
}

void ConnectionCounts::leave_address(const boost::asio::ip::address& address) {
  const std::string key = key_of(address);
  Shard& home = shard(key);
  const std::lock_guard lock(home.mutex);
  const auto found = home.counts.find(key);
  if (found != home.counts.end() && --found->second == 0) home.counts.erase(found);
}

}  // namespace seendr::http
