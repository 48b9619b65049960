// Deadlines of very many connections on one thread, at the price of a list node each and one timer
// for all: a wheel of slots of 100 ms. Pure; the owner tells the time.
#pragma once

#include <array>
#include <cstdint>

#include <boost/intrusive/list.hpp>

namespace seendr::http {

class Deadlines {
 public:
  static constexpr std::int64_t kSlotMs = 100;

  // Leaves its wheel by itself when it is destroyed.
  class Entry : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // Called once after the deadline has passed, up to two slots late; may set the next one, and
    // may destroy any entry.
    virtual void expire(std::int64_t now_ms) = 0;

   protected:
    Entry() = default;
    virtual ~Entry() = default;

   private:
    friend class Deadlines;
    std::int64_t at_ms_ = 0;
  };

  explicit Deadlines(std::int64_t now_ms) : now_ms_(now_ms) {}

  // Replaces the entry's deadline.
  void set(Entry& entry, std::int64_t at_ms);
  void clear(Entry& entry);

  // Expires what is due. Requires: time does not run backwards.
  void advance(std::int64_t now_ms);

  // The time of the last advance(): good enough for deadlines, and free.
  std::int64_t now_ms() const { return now_ms_; }

 private:
  using List = boost::intrusive::list<Entry, boost::intrusive::constant_time_size<false>>;
  static constexpr std::size_t kSlots = 1024;  // 102 s; later deadlines go round again.

  void run_slot(std::int64_t slot, std::int64_t now_ms);

  std::array<List, kSlots> slots_;
  std::int64_t now_ms_;
};

}  // namespace seendr::http
