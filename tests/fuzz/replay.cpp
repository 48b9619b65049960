// Gives a fuzz target every file of a folder, and each of their beginnings.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "fuzz/fuzz.hpp"

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kWholeOnly = 4096;  // Bytes from which on only the whole file is given.

void give(const std::string& text, std::size_t size) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), size);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !fs::is_directory(argv[1])) {
    std::cerr << "usage: replay FOLDER\n";
    return 2;
  }
  std::size_t files = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(argv[1])) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    std::cout << entry.path().filename().string() << std::endl;
    const std::size_t first = text.size() < kWholeOnly ? 0 : text.size();
    for (std::size_t size = first; size <= text.size(); ++size) give(text, size);
    ++files;
  }
  if (files == 0) std::cerr << "there is nothing to replay in " << argv[1] << '\n';
  return files == 0 ? 1 : 0;
}
