// The data directory of a server with managed services: its place, its permissions, and its lock.
#pragma once

#include <stdexcept>
#include <string>

#include "app/settings/settings.hpp"
#include "runtime/child_process.hpp"

namespace seendr::app {

// what() is one sentence for the person who started the program.
class DataFolderError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// $XDG_STATE_HOME/seendr or ~/.local/state/seendr; for root /var/lib/seendr, because the services
// run as a user to whom root's home is closed. Throws DataFolderError when there is neither.
std::string default_data_folder(const Settings::Pairs& environment, bool is_root);

// Who the services in `folder` run as: themselves who own the data there, else, for root, the first
// of postgres, redis and nobody that exists.
Identity service_identity(const std::string& folder);

// Makes the folder, private to this user; the service user may pass through it, no more. Throws
// DataFolderError when it cannot be used: it belongs to another user, holds other things, or lies
// where the service user cannot go.
void prepare_data_folder(const std::string& folder, const Identity& identity);

// What the holder of a data directory says of itself.
struct Holder {
  std::string command;  // "seendr serve"
  std::string pid;
  std::string address;  // Empty until it is known.
  bool ready = false;   // Its services can be used.

  bool lives() const;  // False for what a killed holder has left in the file.

  // "/var/lib/seendr is in use by seendr serve (process 4711, http://127.0.0.1:8080/)"
  std::string sentence(const std::string& folder) const;
};

// Held by at most one process, and free once that has ended, however it ended.
class DataFolderLock {
 public:
  // Throws DataFolderError when the lock file cannot be made.
  explicit DataFolderLock(const std::string& folder);
  DataFolderLock(const DataFolderLock&) = delete;
  DataFolderLock& operator=(const DataFolderLock&) = delete;
  ~DataFolderLock();

  // Whether this object holds the lock from now on.
  bool try_take();

  // Requires: taken.
  void write(const Holder& holder);

  // What the holder wrote last; empty texts when that cannot be read.
  Holder read() const;

 private:
  int fd_ = -1;
};

}  // namespace seendr::app
