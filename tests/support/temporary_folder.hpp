#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace ledger {

/// An empty folder that goes away with its owner.
class TemporaryFolder {
public:
    enum class Place {
        disk,
        memory,  ///< where there is such a file system: for tests that sync often and lose no power
    };

    explicit TemporaryFolder(Place place = Place::disk)
    {
        const std::filesystem::path memory = "/dev/shm";
        std::error_code missing;
        const bool in_memory =
            place == Place::memory && std::filesystem::is_directory(memory, missing);
        const auto base = in_memory ? memory : std::filesystem::temp_directory_path();
        auto pattern = (base / "millrace_XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = pattern;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace ledger
