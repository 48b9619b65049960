// The same limits inside one process, in bounded memory: what decides while Redis is away. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <string>
#include <unordered_map>

#include "ratelimit/limit.hpp"

namespace seendr::ratelimit {

class LocalLimiter {
 public:
  // Holds at most `capacity` numbers, one a call of a sliding window and one a subject. Beyond that
  // the subjects that did not call for the longest time are forgotten.
  explicit LocalLimiter(std::size_t capacity) : capacity_(capacity) {}

  // What the limit says to one more call at this moment, by a clock that never goes back. Counts
  // nothing.
  Verdict look(const Use& use, std::int64_t now_us);

  // Counts a call, and says what is left. Requires: look() at the same moment left some.
  Verdict take(const Use& use, std::int64_t now_us);

  std::size_t size() const { return size_; }

 private:
  struct Subject {
    std::string key;
    std::deque<std::int64_t> times;  // Of gcra: one number, when all is paid off.
  };
  using Subjects = std::list<Subject>;  // The one that called last comes first.

  std::deque<std::int64_t>& times_of(const Use& use);
  void make_room();

  std::size_t capacity_;
  std::size_t size_ = 0;
  Subjects subjects_;
  std::unordered_map<std::string, Subjects::iterator> by_key_;
};

}  // namespace seendr::ratelimit
