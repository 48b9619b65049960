// Reads the tree for the tidy tests: which files there are, and their lines.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace seendr::tidy {

namespace fs = std::filesystem;

inline const fs::path kRoot = SEENDR_SOURCE_DIR;

inline std::string name_of(const fs::path& file) {
  return fs::relative(file, kRoot).string();
}

// Every file below `folder` with one of the extensions; none when the folder does not exist.
// Skips what is built or fetched.
inline std::vector<fs::path> files_in(const std::string& folder,
                                      const std::vector<std::string>& extensions) {
  std::vector<fs::path> files;
  const fs::path top = kRoot / folder;
  if (!fs::exists(top)) return files;
  for (auto it = fs::recursive_directory_iterator(top); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "node_modules" || name == "build" || name == ".git")) {
      it.disable_recursion_pending();
      continue;
    }
    const std::string extension = it->path().extension().string();
    const bool wanted =
        std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
    if (it->is_regular_file() && wanted) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

inline std::vector<fs::path> files_below(const std::vector<std::string>& folders,
                                         const std::vector<std::string>& extensions) {
  std::vector<fs::path> files;
  for (const std::string& folder : folders) {
    const std::vector<fs::path> more = files_in(folder, extensions);
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

inline std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::vector<std::string> read_lines(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

inline std::string where(const fs::path& file, std::size_t line) {
  return name_of(file) + ":" + std::to_string(line);
}

// The number, from 1, of the line that holds `position`.
inline std::size_t line_at(const std::string& text, std::size_t position) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(position);
  return 1 + static_cast<std::size_t>(std::count(text.begin(), end, '\n'));
}

}  // namespace seendr::tidy
