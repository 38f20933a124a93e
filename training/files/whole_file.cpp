#include "training/files/whole_file.hpp"

#include "ledger/disk/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fstream>

namespace training {

namespace fs = std::filesystem;
using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

Result<ledger::Bytes> read_whole_file(const fs::path& path, std::uint64_t most_bytes)
{
    const auto wrong = [&](ErrorKind kind, const std::string& why) {
        return Error{kind, path.string() + " " + why};
    };
    std::ifstream file{path, std::ios::binary | std::ios::ate};
    if (!file) return wrong(ErrorKind::io, "cannot be opened");
    const auto size = file.tellg();
    if (size < 0) return wrong(ErrorKind::io, "cannot be read");
    if (static_cast<std::uint64_t>(size) > most_bytes)
        return wrong(ErrorKind::invalid, "has more than " + std::to_string(most_bytes) + " bytes");
    ledger::Bytes bytes(static_cast<std::size_t>(size));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(bytes.data()), size);
    if (!file) return wrong(ErrorKind::io, "cannot be read");
    return bytes;
}

Result<void> write_whole_file(const fs::path& path, ledger::ByteView bytes)
{
    ledger::PosixDisk disk;
    const auto beside = path.string() + ".part";
    auto file = disk.open(beside, ledger::OpenMode::fresh);
    if (!file) return file.error();
    if (auto done = (*file)->write(0, bytes); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
    file->reset();
    // A model is for everybody who may read the folder. By descriptor: a sandbox changes no names'.
    if (const auto made = open(beside.c_str(), O_WRONLY | O_CLOEXEC); made >= 0) {
        fchmod(made, 0644);
        close(made);
    }
    if (auto done = disk.rename(beside, path.string()); !done) return done;
    const auto folder = path.parent_path();
    return disk.sync_folder(folder.empty() ? "." : folder.string());
}

}  // namespace training
