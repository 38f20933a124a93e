#include "edge/key/device_key.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/hkdf.hpp"
#include "ledger/crypto/sha256.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace edge {
namespace {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;
using ledger::SecretKey;

constexpr std::size_t text_bytes = 2 * SecretKey::size + 1;

Error failed(int number, const std::string& what, const std::string& path)
{
    const auto kind = number == ENOSPC || number == EDQUOT ? ErrorKind::full
                      : number == ENOENT                   ? ErrorKind::not_found
                      : number == EACCES || number == EPERM || number == EEXIST ? ErrorKind::denied
                                                                                : ErrorKind::io;
    return {kind, what + " " + path + ": " + std::generic_category().message(number)};
}

class Descriptor {
public:
    explicit Descriptor(int number) : number_{number} {}
    ~Descriptor()
    {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

/// Hex without a copy of the key in a text that nobody wipes.
std::array<std::uint8_t, text_bytes> text_of(const SecretKey& key)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, text_bytes> text{};
    std::size_t at = 0;
    for (const auto byte : key.view()) {
        text[at++] = static_cast<std::uint8_t>(digits[byte >> 4]);
        text[at++] = static_cast<std::uint8_t>(digits[byte & 15]);
    }
    text[at] = '\n';
    return text;
}

Result<void> write_all(int file, ledger::ByteView bytes, const std::string& path)
{
    while (!bytes.empty()) {
        const auto done = ::write(file, bytes.data(), bytes.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return failed(errno, "write", path);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
    }
    if (::fsync(file) != 0) return failed(errno, "fsync", path);
    return {};
}

Result<void> sync_folder_of(const std::string& path)
{
    const auto slash = path.rfind('/');
    const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
    const Descriptor names{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (names.number() < 0 || ::fsync(names.number()) != 0) return failed(errno, "fsync", folder);
    return {};
}

}  // namespace

Result<SecretKey> create_device_key(const std::string& path, ledger::Random& random)
{
    auto key = SecretKey::generate(random);
    std::string temporary = path + ".XXXXXX";
    const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};  // mode 0600
    if (file.number() < 0) return failed(errno, "create", path);
    auto text = text_of(key);
    auto done = write_all(file.number(), text, path);
    ledger::wipe(text);
    // A link, unlike a renaming, never replaces a key that is there.
    if (done && ::link(temporary.c_str(), path.c_str()) != 0) done = failed(errno, "create", path);
    ::unlink(temporary.c_str());
    if (!done) return done.error();
    if (const auto synced = sync_folder_of(path); !synced) return synced.error();
    return key;
}

Result<SecretKey> load_device_key(const std::string& path)
{
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    if (file.number() < 0) return failed(errno, "open", path);
    struct stat about {};
    if (::fstat(file.number(), &about) != 0) return failed(errno, "fstat", path);
    if (!S_ISREG(about.st_mode)) return ledger::invalid(path + " is no plain file");
    if ((about.st_mode & 077) != 0 || about.st_uid != ::geteuid())
        return Error{ErrorKind::denied, path + " must be yours alone: chmod 600"};
    std::array<std::uint8_t, text_bytes + 1> text{};
    const auto length = ::read(file.number(), text.data(), text.size());
    if (length < 0) return failed(errno, "read", path);
    const auto whole = ledger::ByteView{text}.first(static_cast<std::size_t>(length));
    auto bytes = length == static_cast<ssize_t>(text_bytes) && whole.back() == '\n'
                     ? ledger::from_hex(ledger::as_text(whole.first(text_bytes - 1)))
                     : std::nullopt;
    ledger::wipe(text);
    if (!bytes) return ledger::invalid(path + " holds no device key");
    auto key = SecretKey::from_bytes(*bytes);
    ledger::wipe(*bytes);
    if (!key) return ledger::invalid(path + " holds no device key");
    return key;
}

ItemId item_id(const SecretKey& device, ledger::ByteView origin)
{
    const auto key =
        ledger::hkdf_sha256(device.view(), {}, ledger::as_bytes("millrace/edge-item/v1"), 32);
    return ItemId::of(
        ledger::ByteView{ledger::hmac_sha256(key.view(), origin)}.first(ItemId::size));
}

}  // namespace edge
