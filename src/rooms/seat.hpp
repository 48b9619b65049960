// One person's place in a room, at the process that holds their socket. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/env.hpp"
#include "base/ids.hpp"

namespace seendr::rooms {

// A frame from one person to the other that has to wait: for a lost socket to come back, or for the
// receipt of the partner's process.
struct HeldFrame {
  std::string kind;
  std::string body;
  std::string id = {};  // Of a frame that asks for a receipt; empty otherwise.
};

inline constexpr std::size_t kMaxHeldFrames = 256;  // Each way.
inline constexpr std::size_t kMaxHeldBytes = 256 * 1024;

class Seat {
 public:
  RoomId room;
  UserId self;
  UserId peer;
  std::string self_alias;  // What the partner calls this person; lives as long as the room.
  std::string peer_alias;
  bool polite = false;  // The other side alone makes the first offer.
  bool relay = false;   // This person's address stays hidden.
  std::vector<std::string> shared;
  int score = 0;
  Millis waited{0};
  std::int64_t since_ms = 0;  // Monotonic: when this process learnt of the room.
  std::uint64_t socket = 0;   // The socket in the call; 0 while it is lost.
  std::string resume_token;   // Of that socket, also after it was lost.
  bool entered = false;
  bool peer_lost = false;         // The partner was told to be reconnecting...
  std::int64_t peer_lost_ms = 0;  // ...since this monotonic time.

  bool is_with(const RoomId& r, UserId other) const { return room == r && peer == other; }

  // Keeps what must not be lost (signals and chat) in order; false when it is not such a frame or
  // the buffer is full.
  bool hold(HeldFrame frame);

  // Takes out all that is held, oldest first.
  std::vector<HeldFrame> take_held();

  // Of the partner's frames that ask for a receipt: whether this one was taken before. hold() notes
  // what it keeps.
  void note(const std::string& id);
  bool knows(const std::string& id) const;

  // Frames of this person until the partner has them, as the partner's process may die before it
  // hands them over. False when the buffer is full.
  bool keep(HeldFrame frame);
  void confirm(const std::string& id);  // The partner has it.

  // The oldest frame that was kept and not sent yet; it counts as sent from now on.
  std::optional<HeldFrame> next_to_send();
  void send_again();  // None of what is kept counts as sent.

  bool catching_up = false;  // What is kept is being sent, in order; what is new comes after it.

 private:
  struct Kept {
    HeldFrame frame;
    bool sent = false;
  };

  std::deque<HeldFrame> held_;
  std::size_t held_bytes_ = 0;
  std::deque<std::string> known_;
  std::deque<Kept> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace seendr::rooms
