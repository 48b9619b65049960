#include "rooms/seat.hpp"

#include <algorithm>
#include <iterator>

namespace seendr::rooms {

bool Seat::hold(HeldFrame frame) {
  const bool must_not_be_lost = frame.kind == "signal" || frame.kind == "chat_message";
  if (!must_not_be_lost || held_.size() >= kMaxHeldFrames ||
      held_bytes_ + frame.body.size() > kMaxHeldBytes) {
    return false;
  }
  if (!frame.id.empty()) note(frame.id);
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

// The partner keeps no more frames than this without a receipt.
void Seat::note(const std::string& id) {
  if (knows(id)) return;
  known_.push_back(id);
  if (known_.size() > kMaxHeldFrames) known_.pop_front();
}

bool Seat::knows(const std::string& id) const {
  return std::find(known_.begin(), known_.end(), id) != known_.end();
}

bool Seat::keep(HeldFrame frame) {
  if (kept_.size() >= kMaxHeldFrames || kept_bytes_ + frame.body.size() > kMaxHeldBytes) {
    return false;
  }
  kept_bytes_ += frame.body.size();
  kept_.push_back(Kept{std::move(frame)});
  return true;
}

void Seat::confirm(const std::string& id) {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [&id](const Kept& kept) { return kept.frame.id == id; });
  if (found == kept_.end()) return;
  kept_bytes_ -= found->frame.body.size();
  kept_.erase(found);
}

std::optional<HeldFrame> Seat::next_to_send() {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [](const Kept& kept) { return !kept.sent; });
  if (found == kept_.end()) return std::nullopt;
  found->sent = true;
  return found->frame;
}

void Seat::send_again() {
  for (Kept& kept : kept_) kept.sent = false;
}

}  // namespace seendr::rooms
