#include "cache/memory.hpp"

#include <utility>

namespace seendr::cache {

namespace {

constexpr std::size_t kBookkeeping = 160;  // A node, its place in the index, their allocations.

}  // namespace

Memory::Fetch::Fetch(Memory& memory, std::string key)
    : memory_(&memory), key_(std::move(key)), epoch_(memory.epoch_) {
  Readers& readers = memory.readers_[key_];
  ++readers.count;
  changes_ = readers.changes;
}

Memory::Fetch::Fetch(Fetch&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)),
      key_(std::move(other.key_)),
      epoch_(other.epoch_),
      changes_(other.changes_) {}

Memory::Fetch::~Fetch() {
  if (!memory_) return;
  const auto readers = memory_->readers_.find(key_);
  if (--readers->second.count == 0) memory_->readers_.erase(readers);
}

std::size_t Memory::cost_of(const std::string& key, const Item& item) {
  std::size_t cost = kBookkeeping + key.size() + item.text.size();
  for (const auto& [tag, token] : item.marks) cost += tag.size() + token.size() + sizeof(item);
  return cost;
}

const Memory::Item* Memory::find(const std::string& key, Time now) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const Order::iterator node = found->second;
  if (now >= node->item.expires) {
    erase(node);
    return nullptr;
  }
  order_.splice(order_.begin(), order_, node);
  return &node->item;
}

void Memory::put(const Fetch& fetch, Item item) {
  const auto readers = readers_.find(fetch.key_);
  const bool changed = fetch.epoch_ != epoch_ || readers == readers_.end() ||
                       readers->second.changes != fetch.changes_;
  if (changed) return;

  const auto old = index_.find(fetch.key_);
  if (old != index_.end()) erase(old->second);
  const std::size_t cost = cost_of(fetch.key_, item);
  if (cost > options_.limit_bytes / 8) return;
  while (bytes_ + cost > options_.limit_bytes) {
    erase(std::prev(order_.end()));
    ++evictions_;
  }
  order_.push_front(Node{fetch.key_, std::move(item), cost});
  index_.emplace(order_.front().key, order_.begin());
  bytes_ += cost;
}

void Memory::drop(const std::string& key) {
  const auto readers = readers_.find(key);
  if (readers != readers_.end()) ++readers->second.changes;
  const auto found = index_.find(key);
  if (found != index_.end()) erase(found->second);
}

void Memory::clear() {
  ++epoch_;
  index_.clear();
  order_.clear();
  bytes_ = 0;
}

void Memory::erase(Order::iterator node) {
  bytes_ -= node->cost;
  index_.erase(node->key);
  order_.erase(node);
}

}  // namespace seendr::cache
