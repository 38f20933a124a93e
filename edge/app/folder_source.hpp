#pragma once

#include "edge/queue/queue.hpp"

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace edge::app {

struct FolderOptions {
    std::filesystem::path folder;
    bool deletes = false;           ///< a file, once it is on the queue's disk
    std::uint64_t quiet_ms = 2000;  ///< a file younger than this may still be written
};

/// Takes the files of a folder into a queue, each once: a file is known by its name, size and
/// time of change. Hidden files, links and what is being written are left alone.
class FolderSource {
public:
    FolderSource(const ledger::SecretKey& device, FolderOptions options)
        : device_{&device}, options_{std::move(options)}
    {
    }

    struct Pass {
        std::uint64_t taken{};   ///< and on the disk
        std::uint64_t passed{};  ///< too young, or wrong in a way that `problem` tells
        /// What kept the queue from taking more: it is full, or its disk failed.
        std::optional<ledger::Error> problem;
    };
    /// Offers everything that is there, until `stops` says so. Errors: the folder cannot be read.
    ledger::Result<Pass> offer_all(Queue& queue, const std::function<bool()>& stops);

private:
    struct Found {
        std::filesystem::path file;
        std::string name;
        std::uint64_t size;
        std::int64_t changed_ns;
    };
    ledger::Result<std::vector<Found>> find() const;
    ItemId id_of(const Found& found) const;
    static bool is_still(const Found& found);
    /// Empty when the file was passed over.
    ledger::Result<std::optional<Queue::Added>> offer(Queue& queue, const Found& found,
                                                      const ItemId& id);
    /// Says it once for each file.
    void complain(const Found& found, const std::string& why);
    /// A file that was offered since the last sync.
    struct Waiting {
        Found found;
        ItemId id;
        bool is_new;
    };
    ledger::Result<void> settle(Queue& queue, std::vector<Waiting>& waiting, Pass& pass) const;

    const ledger::SecretKey* device_;
    FolderOptions options_;
    std::set<std::string> complained_;
};

}  // namespace edge::app
