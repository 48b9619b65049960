// What simulated people were told about rooms, and whether it holds together. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seendr::lab {

using PersonIndex = std::size_t;
using Micros = std::int64_t;  // Of one clock that does not go back, from an arbitrary origin.

enum class Defect {
  two_rooms,      // Told of a room while in another.
  crowded_room,   // Three people were told of one room.
  one_sided,      // Only one side was told.
  wrong_partner,  // The partner named is not the one in the room.
  broke_alone,    // A room ended that neither side left.
};

std::string_view name(Defect defect);

// By what a person is told of partners.
enum class Naming {
  ids,      // The partner's user id: the article's profile.
  aliases,  // A name for this room alone, which cannot be checked.
};

struct Violation {
  Defect defect;
  std::string room;
  std::string detail;  // Who, by user id, and what they were told.
};

// A room of which both sides were told, and when.
struct PairTimes {
  PersonIndex first = 0;  // Who was told first.
  PersonIndex second = 0;
  Micros searched_us = 0;  // The later of the two searches; of one side when the other made none.
  Micros first_us = 0;
  Micros second_us = 0;
};

class Witness {
 public:
  // `user`: the person's id; `naming`: of the partners that this person is told of.
  PersonIndex add(std::string user, Naming naming = Naming::ids);

  void searched(PersonIndex person, Micros now);
  void found_nobody(PersonIndex person);  // The search is over, by an answer or by cancelling it.
  void told_match(PersonIndex person, const std::string& room, const std::string& partner,
                  Micros now);
  void told_end(PersonIndex person, const std::string& room, std::string_view reason);

  // The person is about to leave the room that they are in, or to vanish with their connection.
  void leaves(PersonIndex person);

  // The room that the person was told of last, empty when it is over for them.
  const std::string& room_of(PersonIndex person) const { return people_[person].room; }

  // Rooms told to one side only count when they were told before `told_before`, nobody has left
  // them, and the other has not been told since.
  std::vector<Violation> violations(Micros told_before) const;

  std::vector<PairTimes> pairs() const;

  // How long each search took that ended in a match.
  std::vector<Micros> waits() const;

 private:
  struct Person {
    std::string user;
    Naming naming = Naming::ids;
    std::string room;
    std::optional<Micros> searched;  // The search that is under way.
  };
  struct Side {
    PersonIndex person = 0;
    std::string partner;
    Micros told = 0;
    std::optional<Micros> searched;
  };
  struct Room {
    std::vector<Side> sides;
    bool was_left = false;
  };

  void note(Defect defect, const std::string& room, std::string detail);
  std::string who(PersonIndex person) const;

  std::vector<Person> people_;
  std::map<std::string, Room> rooms_;
  std::vector<Violation> violations_;
};

}  // namespace seendr::lab
