// Where mails go that no server is configured for: a folder of .eml files, to be read with any mail
// program or editor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "app/mail/mail.hpp"

namespace seendr::app {

// May be used from any thread and by several processes at once. Blocks.
class Outbox {
 public:
  // The folder is made when the first mail comes, private to this user. Each mail removes those
  // that are two days old (the links in them last one at most), of more than `most` the oldest, and
  // what a process that died began to write an hour ago.
  explicit Outbox(std::string folder, std::size_t most = 1000);

  // Writes <time>-<unique>.eml, readable by this user only; it is there whole or not at all.
  // `unique`: letters and digits that no other mail has. Never permanent: a full disk may be
  // emptied.
  Delivery put(std::string_view message, std::int64_t wall_ms, std::string_view unique) const;

  // Removes the same as put() does; never fails: what cannot be removed now can be the next time.
  void trim(std::int64_t wall_ms) const;

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  std::size_t most_;
};

}  // namespace seendr::app
