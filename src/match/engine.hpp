// The replica of the pool in memory, and the exact search for the best partner in it.
//
// Pure: no clock, no I/O; the same inputs give the same pairs. The best partner is the eligible one
// with the highest score; among equals whoever waits longest (smaller t0, then earlier version).
//
// Index: for each interest the list of tickets that have it. A search adds up weights over the
// lists of the seeker's interests, so it costs as much as these lists are long. Tickets with the
// same attributes form a class, so that mutual eligibility is decided once a class and search.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "match/need.hpp"
#include "match/person.hpp"
#include "match/score.hpp"

namespace seendr::match {

using People = std::unordered_set<UserId>;

// Whom a search is for. What is pointed to must outlive the call; null sets are empty.
struct Seeker {
  UserId user;
  const Attributes* attributes = nullptr;                 // Required.
  const std::vector<std::uint32_t>* interests = nullptr;  // Required; each once, any order.
  int need = 0;                                           // Shared interests asked for now.
  Profile profile = Profile::rarity;
  const People* blocked = nullptr;  // In both directions.
  const People* recent = nullptr;   // Partners within the cool-down.
};

struct Candidate {
  UserId user;
  LogId version;
  std::string instance;
  std::vector<std::uint32_t> shared;  // Ascending.
  int score = 0;
};

// What keeps people from being candidates, for `searching` frames. Interests are not looked at.
struct Survey {
  std::size_t candidates = 0;            // Everybody who may be paired with the seeker now.
  std::map<Rule, std::size_t> excluded;  // Of the others, by the first rule; no zeros.
};

// One ticket under a seeker's eyes, for `explain`.
struct Explanation {
  std::optional<Rule> excluded;  // The first rule that speaks against it.
  Score score;
};

enum class Inserted { added, replaced, stale };

class Engine {
 public:
  // `rate_window`: over which arrivals are averaged.
  explicit Engine(Millis rate_window = Millis(5000));

  // Puts the ticket in; one person has one ticket, the latest. `stale`: a ticket of this version or
  // a later one is there, nothing changed. A ticket put in is neither reserved nor doubted.
  Inserted insert(Ticket ticket);

  // Each does nothing and returns false unless the person's ticket has exactly this version.
  bool remove(UserId user, LogId version);
  bool hold(UserId user, LogId version);     // Also ends a doubt.
  bool release(UserId user, LogId version);  // Also ends a doubt.

  // Removes the person's ticket if it is older than `entry`, as a claim or a seat in the log does.
  bool remove_before(UserId user, LogId entry);

  // Local knowledge: a ticket in a claim that is under way, or one that a claim found not free
  // while the log has not yet said why, is not offered. Ends with unreserve(), or with the ticket;
  // a doubt also with hold() and release(). False unless the person's ticket has exactly this
  // version.
  bool reserve(UserId user, LogId version);
  bool unreserve(UserId user, LogId version);
  bool doubt(UserId user, LogId version);

  // Tickets of a process that is not alive are not offered. Unknown processes count as alive.
  void set_host_alive(const std::string& instance, bool alive);

  // The best partner, nullopt when nobody is good enough. With need 0 and nobody who shares an
  // interest: the one who waits longest and does not insist on one.
  std::optional<Candidate> best(const Seeker& seeker) const;

  Survey survey(const Seeker& seeker) const;
  std::optional<Explanation> explain(const Seeker& seeker,
                                     UserId other) const;  // nullopt: no ticket.

  // Valid until the next change of the engine.
  const Ticket* find(UserId user) const;
  bool is_offered(UserId user) const;  // Neither held, reserved, doubted nor of a dead process.

  std::size_t size() const { return by_user_.size(); }
  std::size_t searching() const { return searching_; }  // Tickets that are standing searches.
  std::size_t searching(std::uint32_t interest) const;
  std::map<std::uint32_t, std::size_t> searching_by_interest() const;  // No zeros.

  // In order of age. `visit` must not change the engine.
  void for_each(const std::function<void(const Ticket&)>& visit) const;

  // At most `limit` tickets of one process, oldest first.
  std::vector<std::pair<UserId, LogId>> tickets_of(const std::string& instance,
                                                   std::size_t limit) const;

  // Arrivals are counted apart from insert(), because a snapshot brings tickets that arrived long
  // ago and a replaced ticket is nobody new. `now_ms`: any clock that does not go back.
  void note_arrival(const Attributes& attributes, std::int64_t now_ms);

  // What there is for somebody with these languages, apart from their own ticket.
  Crowd crowd(UserId user, const Attributes& attributes, std::int64_t now_ms) const;

 private:
  using SlotIndex = std::uint32_t;

  struct Slot {
    Ticket ticket;
    std::vector<std::uint32_t> places;  // Of this ticket in the list of each of its interests.
    std::uint32_t host = 0;
  };
  struct Entry {
    SlotIndex slot;
    std::uint32_t nth;  // Which of the ticket's interests this is.
  };
  struct Posting {
    std::vector<Entry> entries;
    std::size_t searching = 0;
  };
  // Tickets with equal attributes.
  struct Kind {
    Attributes attributes;
    std::string key;
    std::uint32_t speakers = 0;  // Index of its language group.
    std::size_t tickets = 0;
    std::size_t offered = 0;
  };
  // Tickets with the same set of languages.
  struct Speakers {
    std::vector<std::string> languages;  // Ascending.
    std::size_t kinds = 0;               // Classes with it.
    std::size_t offered = 0;
    ArrivalRate arrivals;
  };
  struct Host {
    bool alive = true;
    std::size_t tickets = 0;
  };
  // What one search has found out about a class.
  struct Judgement {
    std::uint64_t search = 0;  // Which search this belongs to.
    bool fits = false;
    int bonus = 0;
  };
  struct Hit {
    SlotIndex slot = 0;
    int score = -1;  // Below every score: nothing yet.
  };

  Slot* slot_of(UserId user, LogId version);
  void take_out(SlotIndex slot);
  void index(SlotIndex slot);
  void unindex(SlotIndex slot);
  bool mark(UserId user, LogId version, std::uint8_t set, std::uint8_t clear);
  void set_marks(SlotIndex slot, std::uint8_t marks);
  std::uint32_t kind_for(const Attributes& attributes);
  void leave_kind(std::uint32_t kind);
  std::uint32_t speakers_for(const std::vector<std::string>& languages);
  std::uint32_t host_for(const std::string& instance);

  const Judgement& judge(const Seeker& seeker, std::uint32_t kind) const;
  bool refused(const Seeker& seeker, UserId other) const;
  bool older(SlotIndex a, SlotIndex b) const;
  Hit best_shared(const Seeker& seeker) const;
  Hit longest_waiting(const Seeker& seeker) const;

  Millis rate_window_;
  std::vector<Slot> slots_;
  std::vector<std::uint8_t> marks_;     // Per slot; why it is not offered, 0: it is.
  std::vector<std::uint32_t> kind_of_;  // Per slot: its class.
  std::vector<SlotIndex> free_slots_;
  std::unordered_map<UserId, SlotIndex> by_user_;
  std::unordered_map<std::uint32_t, Posting> by_interest_;
  std::set<std::tuple<std::int64_t, LogId, SlotIndex>> by_age_;

  std::vector<Kind> kinds_;
  std::vector<std::uint32_t> free_kinds_;
  std::unordered_map<std::string, std::uint32_t> kind_by_key_;
  std::vector<Speakers> speakers_;
  std::vector<Host> hosts_;
  std::unordered_map<std::string, std::uint32_t> host_by_name_;
  std::size_t searching_ = 0;

  // Scratch of a search, kept so that a search does not allocate.
  mutable std::uint64_t search_ = 0;
  mutable std::vector<Judgement> judgements_;  // Per class.
  mutable std::vector<std::uint16_t> points_;  // Per slot; zero between searches.
  mutable std::vector<std::uint8_t> counts_;   // Per slot; zero between searches.
  mutable std::vector<SlotIndex> touched_;
};

}  // namespace seendr::match
