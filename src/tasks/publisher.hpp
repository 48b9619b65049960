// Turns signatures into messages, with all that must be stored for them. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "tasks/canvas.hpp"
#include "tasks/signature.hpp"

namespace seendr::tasks {

class Publisher {
 public:
  // For what follows from `parent`, which must outlive this, as must `random`.
  Publisher(const Message& parent, Time now, Random& random)
      : parent_(parent), now_(now), random_(random) {}

  // `results` go in front of the arguments; `chain`: steps behind this one, last first. Does
  // nothing after kMost or kMostBytes.
  void publish(json::object signature, const json::array& results, json::array chain);

  // The signatures of the list `key`, if there is one.
  void publish_each(const json::object& of, std::string_view key, const json::array& results);

  // The signature will not run: its results, and those of the steps behind it, are `failure`.
  void give_up(const json::object& signature, const Failure& failure);

  Following take() { return std::move(following_); }

 private:
  static constexpr std::size_t kMost = 10'000;  // Steps that one task may set going.
  // Of their messages together: each member of a group has the result, each part of a chord the
  // body.
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

  void publish_task(json::object signature, const json::array& results, json::array chain);
  void publish_chain(json::object signature, const json::array& results, json::array chain);
  void publish_group(json::object signature, const json::array& results, json::array chain);
  void publish_chord(json::object signature, const json::array& results, json::array chain);
  void publish_members(json::array members, const json::object& told, Place first,
                       const json::array& results, const json::array& chain);
  std::optional<Time> moment(const json::object& options, std::string_view key) const;

  const Message& parent_;
  Time now_;
  Random& random_;
  Following following_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace seendr::tasks
