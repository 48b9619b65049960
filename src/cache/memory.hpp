// The level of the cache inside the process: a bounded number of bytes, least recently used first
// out. Pure: time comes in as an argument.
//
// What Redis says and what Redis says has changed arrive on two connections. A reader therefore
// announces itself before it asks: what changed since then is not kept, however the two arrive.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/options.hpp"
#include "cache/typed.hpp"

namespace seendr::cache {

class Memory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Item {
    std::string text;  // Uncompressed.
    Form form = Form::json;
    Time fresh_until;  // Time::max(): it does not expire in Redis.
    Time expires;      // Not served from here any more.
    std::chrono::microseconds load_time{0};
    std::vector<std::pair<std::string, std::string>> marks;  // Keys of tags, and their tokens.
  };

  // The announcement of a reader, for one key. Movable; must not outlive the memory.
  class Fetch {
   public:
    Fetch(Fetch&& other) noexcept;
    Fetch& operator=(Fetch&&) = delete;
    ~Fetch();

   private:
    friend class Memory;
    Fetch(Memory& memory, std::string key);

    Memory* memory_;
    std::string key_;
    std::uint64_t epoch_;
    std::uint64_t changes_;
  };

  explicit Memory(MemoryOptions options) : options_(options) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // Valid until the next call of a member that is not find(); nullptr when absent or expired.
  const Item* find(const std::string& key, Time now);

  Fetch begin(std::string key) { return Fetch(*this, std::move(key)); }

  // Keeps the item, unless its key changed since `fetch` began or it alone would take more than an
  // eighth of the room.
  void put(const Fetch& fetch, Item item);

  // The key changed.
  void drop(const std::string& key);

  // Anything may have changed.
  void clear();

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return order_.size(); }
  std::uint64_t evictions() const { return evictions_; }  // For want of room, so far.
  const MemoryOptions& options() const { return options_; }

 private:
  struct Node {
    std::string key;
    Item item;
    std::size_t cost;
  };
  using Order = std::list<Node>;  // The most recently used first.
  struct Readers {
    std::size_t count = 0;
    std::uint64_t changes = 0;
  };

  static std::size_t cost_of(const std::string& key, const Item& item);
  void erase(Order::iterator node);

  MemoryOptions options_;
  Order order_;
  std::unordered_map<std::string_view, Order::iterator> index_;  // Views of Node::key.
  std::unordered_map<std::string, Readers> readers_;
  std::uint64_t epoch_ = 0;  // Of clear().
  std::size_t bytes_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace seendr::cache
