#include "app/data_folder.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sstream>
#include <unistd.h>

#include <sys/file.h>
#include <sys/stat.h>

namespace seendr::app {

namespace {

namespace fs = std::filesystem;

constexpr const char* kLockName = "lock";

std::string value_of(const Settings::Pairs& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

struct stat status_of(const fs::path& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    throw DataFolderError("cannot look at " + path.string() + ": " + std::strerror(errno));
  }
  return info;
}

// By the permission bits alone: lists of access rights are rare on the way to a data directory.
bool may_pass(const struct stat& info, const Identity& identity) {
  if (info.st_uid == identity.uid) return info.st_mode & S_IXUSR;
  if (info.st_gid == identity.gid) return info.st_mode & S_IXGRP;
  return info.st_mode & S_IXOTH;
}

void check_way(const fs::path& folder, const Identity& identity) {
  fs::path place = "/";
  for (const fs::path& part : folder.relative_path()) {
    place /= part;
    if (place != folder && !may_pass(status_of(place), identity)) {
      throw DataFolderError(folder.string() + " cannot be used: " + place.string() +
                            " is closed to the user " + identity.user +
                            ", as which the services run; choose another --data-dir, for example "
                            "/var/lib/seendr");
    }
  }
}

// A server on services of its own may have written mails here before.
bool holds_other_things(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename() != "outbox") return true;
  }
  return false;
}

}  // namespace

std::string default_data_folder(const Settings::Pairs& environment, bool is_root) {
  const std::string state = value_of(environment, "XDG_STATE_HOME");
  if (state.starts_with('/')) return state + "/seendr";  // The standard ignores relative paths.
  if (is_root) return "/var/lib/seendr";
  const std::string home = value_of(environment, "HOME");
  if (home.starts_with('/')) return home + "/.local/state/seendr";
  throw DataFolderError("neither HOME nor XDG_STATE_HOME is set; choose a --data-dir");
}

Identity service_identity(const std::string& folder) {
  Identity identity = unprivileged_identity({"postgres", "redis", "nobody"});
  struct stat info {};
  const bool has_data = stat((folder + "/postgres").c_str(), &info) == 0;
  if (identity.switches && has_data && info.st_uid != 0 && info.st_uid != identity.uid) {
    identity.uid = info.st_uid;
    identity.gid = info.st_gid;
    identity.user = "with number " + std::to_string(info.st_uid);
  }
  return identity;
}

void prepare_data_folder(const std::string& folder, const Identity& identity) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw DataFolderError("cannot make " + folder + ": " + error.message());

  const struct stat info = status_of(folder);
  if (info.st_uid != geteuid()) throw DataFolderError(folder + " belongs to another user");
  if (!fs::exists(folder + "/" + kLockName) && holds_other_things(folder)) {
    throw DataFolderError(folder + " holds other things already; choose an empty --data-dir");
  }
  const mode_t mode = identity.switches ? 0711 : 0700;
  if (chmod(folder.c_str(), mode) != 0) {
    throw DataFolderError("cannot protect " + folder + ": " + std::strerror(errno));
  }
  if (identity.switches) check_way(fs::canonical(folder), identity);
}

bool Holder::lives() const {
  const int number = std::atoi(pid.c_str());
  return number > 0 && (kill(number, 0) == 0 || errno == EPERM);
}

std::string Holder::sentence(const std::string& folder) const {
  const std::string who = command.empty() ? "another process" : command;
  std::string text = folder + " is in use by " + who;
  if (!pid.empty()) {
    text += " (process " + pid;
    if (!address.empty()) text += ", " + address;
    text += ")";
  }
  return text;
}

DataFolderLock::DataFolderLock(const std::string& folder) {
  const std::string path = folder + "/" + kLockName;
  fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) throw DataFolderError("cannot open " + path + ": " + std::strerror(errno));
}

DataFolderLock::~DataFolderLock() {
  close(fd_);
}

bool DataFolderLock::try_take() {
  return flock(fd_, LOCK_EX | LOCK_NB) == 0;
}

void DataFolderLock::write(const Holder& holder) {
  const std::string text = "command=" + holder.command + "\npid=" + holder.pid +
                           "\naddress=" + holder.address + "\nready=" + (holder.ready ? "1" : "0") +
                           "\n";
  // The old text stays until the new one is there; what is left of a longer one is cut off.
  const ssize_t written = pwrite(fd_, text.data(), text.size(), 0);
  if (written != static_cast<ssize_t>(text.size()) || ftruncate(fd_, written) != 0) {
    throw DataFolderError(std::string("cannot write the lock file: ") + std::strerror(errno));
  }
}

Holder DataFolderLock::read() const {
  std::array<char, 2048> block{};
  const ssize_t n = pread(fd_, block.data(), block.size(), 0);
  std::istringstream text(std::string(block.data(), n > 0 ? static_cast<std::size_t>(n) : 0));
  Holder holder;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("command=")) holder.command = line.substr(8);
    if (line.starts_with("pid=")) holder.pid = line.substr(4);
    if (line.starts_with("address=")) holder.address = line.substr(8);
    if (line.starts_with("ready=")) holder.ready = line == "ready=1";
  }
  return holder;
}

}  // namespace seendr::app
