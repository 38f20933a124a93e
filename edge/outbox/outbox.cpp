#include "edge/outbox/outbox.hpp"

#include "edge/outbox/batch_files.hpp"
#include "edge/queue/queue_files.hpp"
#include "ledger/base/hex.hpp"

#include <filesystem>
#include <system_error>

namespace edge {
namespace {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

bool is_there(const std::string& path)
{
    std::error_code problem;
    return fs::exists(fs::symlink_status(path, problem));
}

/// Whether a file there says of this very batch.
bool is_of(ledger::Disk& disk, const std::string& path, const std::string& contribution)
{
    const auto file = disk.open(path, ledger::OpenMode::existing);
    if (!file) return false;
    const auto text = (*file)->read(0, contribution.size() + 1);
    return text && ledger::as_text(*text) == contribution;
}

}  // namespace

std::string Outbox::name_of(std::uint64_t number) const
{
    const auto file = batch_file_name(number);
    // Sixteen digits of x are enough to tell one owner's devices apart.
    return ledger::to_hex(device_.view().subspan(1, 8)) + "-" + file.substr(0, file.find('.'));
}

Result<void> Outbox::send(const StoredBatch& batch)
{
    // Making it would fill the mount point of a stick that was taken out.
    if (!is_there(folder_))
        return Error{ErrorKind::unavailable, "the outbox " + folder_ + " is not there"};
    const auto name = name_of(batch.contribution.batch);
    const auto path = folder_ + "/" + name;
    const auto hidden = folder_ + "/." + name + ".part";
    const auto mark = folder_ + "/." + name + ".ready";
    const auto text = contribution_text(batch, device_);
    // The batch of another dataset, or of a queue made anew, can have the same name.
    if (!is_there(mark) || !is_of(*disk_, mark, text)) {
        if (is_there(path)) {
            // Delivered once by a queue that was brought back from a copy.
            if (is_of(*disk_, path + "/contribution.json", text)) return {};
            return Error{ErrorKind::denied, path + " is there already and is another batch"};
        }
        if (const auto done = prepare(batch, hidden, mark); !done) return done;
    }
    if (is_there(hidden))
        if (const auto done = disk_->rename(hidden, path); !done) return done;
    return disk_->sync_folder(folder_);
}

Result<void> Outbox::prepare(const StoredBatch& batch, const std::string& hidden,
                             const std::string& mark)
{
    std::error_code problem;
    fs::remove_all(hidden, problem);
    if (!problem) fs::remove(mark, problem);
    if (problem) return Error{ErrorKind::io, "cannot remove " + hidden + ": " + problem.message()};
    if (const auto done = write_batch_files(*disk_, hidden, batch, device_); !done) return done;
    if (const auto done = disk_->sync_folder(folder_); !done) return done;
    const auto marked = disk_->open(mark, ledger::OpenMode::fresh);
    if (!marked) return marked.error();
    const auto text = contribution_text(batch, device_);
    if (const auto done = (*marked)->write(0, ledger::as_bytes(text)); !done) return done;
    if (const auto done = (*marked)->sync(); !done) return done;
    return disk_->sync_folder(folder_);
}

void Outbox::forget(std::uint64_t number)
{
    // One that stays behind says nothing to anybody: it names its batch.
    static_cast<void>(disk_->remove(folder_ + "/." + name_of(number) + ".ready"));
}

}  // namespace edge
