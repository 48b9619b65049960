// How many connections the process and each address may hold.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

#include <boost/asio/ip/address.hpp>

namespace seendr::http {

// Raises RLIMIT_NOFILE from soft to hard and returns how many connections fit: 5 % and `reserved`
// descriptors stay free for everything else. At least 16.
std::size_t raise_descriptor_limit(std::size_t reserved = 128);

// Shared by the instances of a process; safe from any thread.
class ConnectionCounts {
 public:
  // Both limits: 0 means none.
  ConnectionCounts(std::size_t total_limit, std::size_t address_limit)
      : total_limit_(total_limit), address_limit_(address_limit) {}

  // Counts one more connection, or says no when the process is full.
  bool enter();
  void leave();
  std::size_t total() const { return total_.load(std::memory_order_relaxed); }

  // Counts one more for the address and returns how many there are now. IPv6 addresses of one /64
  // count as one, as a household has all of it.
  std::size_t enter_address(const boost::asio::ip::address& address);
  void leave_address(const boost::asio::ip::address& address);
  std::size_t address_limit() const { return address_limit_; }

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::uint32_t> counts;
  };
  Shard& shard(const std::string& key);

  const std::size_t total_limit_;
  const std::size_t address_limit_;
  std::atomic<std::size_t> total_{0};
  std::array<Shard, 16> shards_;
};

}  // namespace seendr::http
