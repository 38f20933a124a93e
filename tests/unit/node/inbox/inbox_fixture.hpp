#pragma once

#include "ledger/crypto/sha256.hpp"
#include "node/blobs/batch_routes.hpp"
#include "node/inbox/inbox_routes.hpp"
#include "tests/support/data_world.hpp"
#include "tests/support/memory_batches.hpp"
#include "tests/support/payment_world.hpp"
#include "tests/unit/node/api/api_fixture.hpp"

#include "ledger/transfer/batch_manifest.hpp"
#include "market/contribution.hpp"

namespace node {

using namespace ledger;

/// Person 2 owns a dataset; the device has person 4's key and contributes for person 3.
class InboxTest : public ApiTest {
public:
    InboxTest()
    {
        market::DatasetRegister made;
        made.name = "leaves";
        made.open = true;
        made.owner_ppm = {400'000};
        made.contributor_ppm = {600'000};
        send(2, made);
        market::DeviceEnroll enrolment;
        enrolment.dataset = dataset;
        enrolment.device = test_account(4);
        enrolment.contributor = test_account(3);
        enrolment.daily_shares = 100'000;
        send(2, enrolment);
        open();
    }

    /// As a node that has just started: the journal and the batches are what they were.
    void open(const InboxLimits& limits = {})
    {
        routes.emplace();
        inbox.emplace(journal, std::set{dataset}, limits);
        ASSERT_TRUE(inbox->rebuild());
        wanted = {};
        wanted.add(*inbox);
        add_inbox_routes(*routes, {network, *store, *inbox, batches, gate, callers, counts, clock});
        add_batch_routes(*routes, {batches,
                                   background,
                                   fetches,
                                   wanted,
                                   gate,
                                   batch_callers,
                                   rates,
                                   batch_counts,
                                   clock,
                                   {}});
    }

    Answer ask_inbox(std::string_view method, const std::string& target, std::string_view body = {},
                     bool by_operator = false)
    {
        FakeExchange::Headers headers;
        if (by_operator) headers.emplace_back("Authorization", "Bearer secret");
        FakeExchange exchange{method, target, headers, body};
        exchange.run(*routes);
        return {exchange.status(), exchange.text(), json::parse(exchange.text(), nullptr, false)};
    }

    market::SealedBatch batch_named(const std::string& name) const
    {
        return market::seal_batch(dataset, name, 2);
    }
    static json wrap() { return "0x" + std::string(160, '7'); }
    json manifest(const market::SealedBatch& batch) const
    {
        return {{"dataset", to_hex0x(dataset.view())},
                {"point", to_hex0x(batch.summary.point.view())},
                {"root", to_hex0x(batch.summary.root.view())},
                {"chunks", batch.summary.chunks},
                {"bytes", batch.summary.bytes},
                {"wraps", json::array({{{"to", "0x" + std::string(64, '9')}, {"key", wrap()}}})}};
    }
    /// As a device writes it, signed by person `n`.
    json statement(const market::SealedBatch& batch, std::uint64_t number, std::uint8_t n = 4,
                   std::uint64_t shares = 100) const
    {
        market::DataContribute said;
        said.dataset = dataset;
        said.batch = number;
        said.point = batch.summary.point;
        said.root = batch.summary.root;
        said.chunks = batch.summary.chunks;
        said.bytes = batch.summary.bytes;
        said.shares = shares;
        said.wraps = {*id_from_hex<market::WrappedKey>(wrap().get<std::string>())};
        const auto signature = sign(test_key(n), market::contribution_digest(network, said));
        return {{"network", to_hex0x(network.genesis_id.view())},
                {"dataset", to_hex0x(dataset.view())},
                {"batch", std::to_string(number)},
                {"point", to_hex0x(said.point.view())},
                {"root", to_hex0x(said.root.view())},
                {"chunks", std::to_string(said.chunks)},
                {"bytes", std::to_string(said.bytes)},
                {"shares", std::to_string(shares)},
                {"schema", to_hex0x(Hash{}.view())},
                {"meta", to_hex0x(Hash{}.view())},
                {"wraps", json::array({wrap()})},
                {"device", to_hex0x(public_key(test_key(n)).view())},
                {"signature", to_hex0x(signature.view())}};
    }
    Answer bring(const json& said, const json& about)
    {
        return ask_inbox("POST", path, json{{"contribution", said}, {"manifest", about}}.dump());
    }
    void put_bytes(const market::SealedBatch& batch)
    {
        const auto target = "/v1/batches/" + to_hex0x(batch.summary.root.view());
        Bytes table, chunks;
        for (std::size_t i = 0; i < batch.chunks.size(); ++i) {
            append(table, batch.leaves[i].key_hash.view());
            append(table, batch.leaves[i].chunk_hash.view());
            append(chunks, batch.chunks[i]);
        }
        EXPECT_EQ(ask_inbox("PUT", target, manifest(batch).dump()).status, 201u);
        EXPECT_EQ(ask_inbox("PUT", target + "/table/0-1", as_text(table)).status, 200u);
        EXPECT_EQ(ask_inbox("PUT", target + "/chunks/0-1", as_text(chunks)).status, 200u);
    }
    json items() { return ask_inbox("GET", path).body["items"]; }
    market::DataContribute message(const json& item) const
    {
        return *codec::from_json<market::DataContribute>(item["contribution"]);
    }

    market::DatasetId dataset = market::dataset_id(test_account(2), "leaves");
    std::string path = "/v1/datasets/" + to_hex0x(dataset.view()) + "/inbox";
    FakeJournal journal;
    MemoryBatches batches{clock, {std::uint64_t{1} << 22, 100, 2}};
    Background background{2};
    BatchCounts batch_counts;
    BatchFetches fetches{batches, clock, batch_counts, open_provider, {}};
    OperatorGate gate{SecretBytes::copy_of(as_bytes("secret"))};
    CallerLimits callers{100}, batch_callers{100};
    ByteRates rates{0};
    InboxCounts counts;
    RootsOfSeveral wanted;
    std::optional<Inbox> inbox;
    std::optional<Router> routes;
};

}  // namespace node
