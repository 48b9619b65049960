// Messages between processes about a person, other than room frames: on the group seendr.user.<id>.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.hpp"
#include "channels/message_format.hpp"
#include "rooms/seat.hpp"

namespace seendr::app::bus {

// "Somebody signed in here as this person: do you hold their seat?" Answered by Seat to `reply_to`.
struct Arriving {
  UserId user;
  std::string reply_to;      // A channel of the asking process.
  std::string resume_token;  // Of the page that comes back; empty for a new one.
  bool patient = false;      // Leaves a seat to the page that may still come back to it.
};

// `busy`: the seat here is in use and stays. Otherwise there is none, or it was let go.
struct SeatAnswer {
  UserId user;
  bool busy = false;
  std::vector<rooms::HeldFrame> held;  // Frames that waited for the person, oldest first.
};

// Close every socket of the person.
struct Banned {
  UserId user;
};

// Close the sockets of one session.
struct SessionEnded {
  UserId user;
  std::string session_hash;
};

// The account was deleted: close every socket of the person, and forget them.
struct Gone {
  UserId user;
};

// A block between the two was taken back, and none is left the other way round.
struct Unblocked {
  UserId user;
  UserId other;
};

// The person's account was changed: read it again.
struct AccountChanged {
  UserId user;
};

// Something to show on the person's pages.
struct Notice {
  UserId user;
  std::string data;  // A JSON object, the `data` of the frame `notification`.
};

channels::Message to_message(const Arriving& message);
channels::Message to_message(const SeatAnswer& message);
channels::Message to_message(const Banned& message);
channels::Message to_message(const SessionEnded& message);
channels::Message to_message(const Gone& message);
channels::Message to_message(const Unblocked& message);
channels::Message to_message(const AccountChanged& message);
channels::Message to_message(const Notice& message);

using Received = std::variant<Arriving, SeatAnswer, Banned, SessionEnded, Gone, Unblocked,
                              AccountChanged, Notice>;

std::optional<Received> from_message(const channels::Message& message);  // nullopt: none of these.

}  // namespace seendr::app::bus
