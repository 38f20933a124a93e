#include "bench/load/data_fetch.hpp"

#include "bench/load/spent.hpp"
#include "node/blobs/batch_routes.hpp"
#include "node/blobs/store/disk_batches.hpp"
#include "node/http/server.hpp"
#include "tests/support/sealed_batch.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <stdexcept>

namespace bench {
namespace {

using namespace ledger;
using namespace node;

void check(bool holds, const char* what)
{
    if (!holds) throw std::runtime_error{what};
}

double mib_a_second(std::size_t bytes, Steady::time_point began)
{
    return static_cast<double>(bytes) / (1 << 20) / since(began);
}

/// A store of batches, as a node has it, served over HTTP.
struct Keeper {
    Keeper()
        : store{std::move(*DiskBatches::open(disk, folder.path().string(), clock,
                                             {std::uint64_t{1} << 40, 10, 10},
                                             [](const auto&) {}))},
          wanted{*store},
          fetches{*store, clock, counts, open_provider, {}}
    {
        add_batch_routes(
            router, {*store, background, fetches, wanted, gate, callers, rates, counts, clock});
        ServerConfig config;
        config.port = 0;
        server.emplace(config, router, clock);
        check(server->start().has_value(), "a server does not start");
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server->local().port()); }
    void put(const SealedBatch& batch)
    {
        check(store->create(batch.manifest, operator_holder).has_value(), "no room");
        check(store->put_leaves(batch.root(), 0, batch.leaves).has_value(), "no table");
        for (std::uint64_t first = 0; first < batch.manifest.chunks;) {
            const ChunkRange range{first,
                                   std::min(transfer::piece_chunks, batch.manifest.chunks - first)};
            check(store->put_chunks(batch.root(), first, batch.chunk_part(range)).has_value(),
                  "no chunk");
            first = range.end();
        }
        check(store->sync(batch.root()).has_value(), "no sync");
    }

    TemporaryFolder folder{TemporaryFolder::Place::memory};
    PosixDisk disk;
    SystemClock clock;
    BatchCounts counts;
    std::unique_ptr<DiskBatches> store;
    Background background{4};
    AnnouncedRoots wanted;
    OperatorGate gate{SecretBytes::copy_of(as_bytes("nobody"))};
    CallerLimits callers{100};
    ByteRates rates{0};
    BatchFetches fetches;
    Router router;
    std::optional<Server> server;
};

double copy_over_tcp(const Bytes& bytes)
{
    using asio::ip::tcp;
    asio::io_context io;
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    Bytes copy(bytes.size());
    const auto began = Steady::now();
    std::jthread sender{[&] {
        asio::io_context own;
        tcp::socket socket{own};
        socket.connect(acceptor.local_endpoint());
        asio::write(socket, asio::buffer(bytes));
    }};
    tcp::socket socket = acceptor.accept();
    asio::read(socket, asio::buffer(copy));
    const auto speed = mib_a_second(bytes.size(), began);
    check(copy == bytes, "the copy is another one");
    return speed;
}

}  // namespace

FetchSpeeds fetch_from_three(std::size_t mib)
{
    const auto batch = seal_batch(1, (mib << 20) / sealing::chunk_bytes);
    Keeper first, second, third, fourth;
    for (auto* keeper : {&first, &second, &third}) keeper->put(batch);
    FetchSpeeds speeds{};
    speeds.copy = copy_over_tcp(batch.sealed);
    const auto began = Steady::now();
    const FetchOrder order{{first.url(), second.url(), third.url()},
                           batch.manifest.point,
                           batch.manifest.chunks,
                           batch.manifest.bytes};
    check(fourth.fetches.start(batch.root(), order).has_value(), "the fetch does not start");
    for (;;) {
        const auto status = fourth.fetches.status(batch.root());
        check(status->state != "failed", "the fetch fails");
        if (status->state == "done") break;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    speeds.fetch = mib_a_second(batch.sealed.size(), began);
    check(fourth.store->info(batch.root())->is_complete(), "the batch is not whole");
    return speeds;
}

}  // namespace bench
