#include "rooms/seat.hpp"

#include <iterator>

namespace seendr::rooms {

bool Seat::hold(HeldFrame frame) {
  const bool must_not_be_lost = frame.kind == "signal" || frame.kind == "chat_message";
  if (!must_not_be_lost || held_.size() >= kMaxHeldFrames ||
      held_bytes_ + frame.body.size() > kMaxHeldBytes) {
    return false;
  }
  held_bytes_ += frame.body.size();
  held_.push_back(std::move(frame));
  return true;
}

std::vector<HeldFrame> Seat::take_held() {
  std::vector<HeldFrame> frames(std::make_move_iterator(held_.begin()),
                                std::make_move_iterator(held_.end()));
  held_.clear();
  held_bytes_ = 0;
  return frames;
}

}  // namespace seendr::rooms
