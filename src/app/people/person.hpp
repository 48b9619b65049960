// What the hub knows of one person whose sockets this process holds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/accounts/users.hpp"
#include "app/socket/socket.hpp"
#include "match/report.hpp"
#include "rooms/seat.hpp"

namespace seendr::app {

// The request that a later report of the matchmaker answers.
struct Asker {
  std::uint64_t socket = 0;
  std::string action;  // "find_match" or "next"
  std::string request_id;
};

// The room the person was in last: it can still be reported, and its partner blocked.
struct PastRoom {
  RoomId room;
  UserId peer;
  std::string peer_alias;
};

struct Person {
  Account account;
  std::map<std::uint64_t, SocketPtr> sockets;

  bool arrived = false;         // The matchmaker knows them here.
  bool arriving = false;        // ... or is being told.
  bool waits_for_seat = false;  // Not here yet, and tries again: a room elsewhere is in use.
  bool in_lounge = false;       // Matchable without a search (article profile).
  bool socket_lost = false;     // The matchmaker was told that nobody can be reached.

  std::optional<Asker> searcher;  // Whose standing or single search is under way (seendr.v1).
  bool search_answered = false;   // Its first `searching` frame was sent.
  std::vector<Asker> askers;      // Article sockets that wait for an answer.
  std::optional<action::FindMatch> last_search;  // For `next` without fields.
  bool relay = false;       // The wish of the last search, made through any process.
  bool relay_kept = false;  // RelayWishes holds it.

  std::string notices;  // The channel on which other programs reach them: group user_<id>.
  std::optional<rooms::Seat> seat;
  std::optional<PastRoom> past;
  std::uint64_t account_turn = 0;  // Grows with every change of the account.
  std::uint64_t forget_turn = 0;   // Grows with every attach; an older plan to forget is void.

  UserId id() const { return account.user.id; }

  SocketPtr socket(std::uint64_t socket_id) const {
    const auto found = sockets.find(socket_id);
    return found == sockets.end() ? nullptr : found->second;
  }

  // Any socket of that profile; nullptr when there is none.
  SocketPtr any(Profile profile) const {
    for (const auto& [id, socket] : sockets) {
      if (socket->profile == profile) return socket;
    }
    return nullptr;
  }
};

}  // namespace seendr::app
