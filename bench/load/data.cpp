// Sealing and opening in memory on one core, beside OpenSSL's bare ChaCha20-Poly1305 and SHA-256
// over the same chunks; fetching a batch from three nodes, beside a bare TCP copy.
#include "bench/load/data_fetch.hpp"
#include "bench/load/spent.hpp"
#include "bench/report.hpp"
#include "ledger/sealing/opener.hpp"
#include "ledger/sealing/sealer.hpp"

#include <openssl/evp.h>
#include <CLI/CLI.hpp>

#include <array>
#include <memory>

namespace {

using namespace ledger;
using namespace ledger::sealing;
using bench::Report;
using bench::Spent;

struct Options {
    std::string json;
    std::size_t mib = 64;
    int rounds = 9;
};

/// Encrypts or decrypts chunk by chunk in place and hashes each ciphertext once, with one context
/// and no key schedule of ours.
void bare(Bytes& bytes, bool sealing)
{
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher{
        EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    const std::array<std::uint8_t, 32> key{1};
    const std::array<std::uint8_t, 12> nonce{};
    std::array<std::uint8_t, 16> tag{};
    std::array<std::uint8_t, 32> digest{};
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) {
        auto* chunk = bytes.data() + at;
        const auto hash = [&] {
            EVP_Digest(chunk, chunk_bytes, digest.data(), nullptr, EVP_sha256(), nullptr);
        };
        int length = 0;
        if (!sealing) hash();
        EVP_CipherInit_ex(cipher.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data(),
                          sealing ? 1 : 0);
        EVP_CipherUpdate(cipher.get(), chunk, &length, chunk, static_cast<int>(chunk_bytes));
        if (sealing) {
            EVP_CipherFinal_ex(cipher.get(), chunk, &length);
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
            hash();
        } else {
            EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, 16, tag.data());
            EVP_CipherFinal_ex(cipher.get(), chunk, &length);  // the tag is of another text
        }
    }
}

struct Sealed {
    BatchSummary summary;
    Bytes leaves;
    Bytes chunks;
};

/// `keep`: the ciphertext too, which is a copy that whoever writes it to a file does not make.
void seal_into(Sealed& sealed, const SecretKey& key, ByteView plain, bool keep)
{
    sealed.leaves.clear();
    Sealer sealer{key, Hash{}, [&](ByteView chunk, const Leaf& leaf) {
                      if (keep) append(sealed.chunks, chunk);
                      LeafTable::append(sealed.leaves, leaf);
                      return Result<void>{};
                  }};
    if (!sealer.write(plain)) std::abort();
    sealed.summary = *sealer.finish();
}

void open_once(const SecretKey& key, const Sealed& sealed, ByteView plain)
{
    const auto leaves = LeafTable::check(sealed.leaves, sealed.summary);
    const auto opener = Opener::make(key, Hash{}, sealed.summary, *leaves);
    ByteView rest = sealed.chunks;
    for (std::uint64_t i = 0; i < sealed.summary.chunks; ++i) {
        const auto size = sealed_size(sealed.summary, i);
        const auto chunk = opener->open(i, rest.first(size));
        if (!chunk || !std::ranges::equal(*chunk, plain.subspan(i * chunk_bytes, chunk->size())))
            std::abort();
        rest = rest.subspan(size);
    }
}

}  // namespace

int main(int count, char** arguments)
try {
    Options options;
    CLI::App app{"Sealing and opening data, beside the bare cipher and hash"};
    app.add_option("--json", options.json, "file for the numbers");
    app.add_option("--mib", options.mib, "to seal in each round")
        ->capture_default_str()
        ->check(CLI::Range(1, 4096));
    app.add_option("--rounds", options.rounds, "of each, in turn")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    CLI11_PARSE(app, count, arguments);

    SeededRandom random{1};
    Bytes plain(options.mib << 20);
    random.fill(plain);
    const auto key = SecretKey::generate(random);
    std::vector<double> sealing, opening, bare_sealing, bare_opening;
    const auto mib_a_second = [&](const auto& act) {
        Spent spent;
        spent.measure(options.mib, act);
        return spent.a_cpu_second();
    };
    Sealed sealed;
    seal_into(sealed, key, plain, true);
    for (int round = 0; round < options.rounds; ++round) {
        Bytes copy = plain;
        bare_sealing.push_back(mib_a_second([&] { bare(copy, true); }));
        sealing.push_back(mib_a_second([&] { seal_into(sealed, key, plain, false); }));
        bare_opening.push_back(mib_a_second([&] { bare(copy, false); }));
        opening.push_back(mib_a_second([&] { open_once(key, sealed, plain); }));
    }
    std::vector<double> fetching, copying;
    for (int round = 0; round < options.rounds; ++round) {
        const auto speeds = bench::fetch_from_three(options.mib);
        fetching.push_back(speeds.fetch);
        copying.push_back(speeds.copy);
    }
    Report report;
    report.add("data/seal", bench::quantile(sealing, 0.5), "MiB/s",
               bench::quantile(bare_sealing, 0.5));
    report.add("data/open", bench::quantile(opening, 0.5), "MiB/s",
               bench::quantile(bare_opening, 0.5));
    report.add("data/fetch/peers=3", bench::quantile(fetching, 0.5), "MiB/s",
               bench::quantile(copying, 0.5));
    return report.write(options.json) ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print(stderr, "bench_data: {}\n", error.what());
    return 1;
}
