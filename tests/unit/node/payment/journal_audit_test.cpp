#include "node/payment/journal_audit.hpp"

#include "ledger/codec/binary.hpp"
#include "tests/unit/node/payment/paid_call.hpp"

namespace node {
namespace {

using ledger::Amount;
using ledger::Bytes;
using ledger::ErrorKind;

struct JournalAuditTest : PaidCall {
    JournalAuditTest()
    {
        world.open_channel(1'000'000);
        world.open_channel(1'000'000, 1);
        for (int i = 0; i < 2; ++i) EXPECT_EQ(world.call(world.voucher({})).status(), 200u);
        auto chain = world.chain(1000, 100, 1);
        for (int i = 0; i < 66; ++i) {
            EXPECT_EQ(world.call(world.link(chain)).status(), 200u);
            chain.opened = true;
            ++chain.used;
        }
        EXPECT_EQ(world.call(world.exact({})).status(), 200u);
    }

    ledger::Result<JournalAudit> audit()
    {
        return audit_payments(world.network, world.journal, world.host.authorizer);
    }

    void write(std::string_view table, Bytes key, std::optional<Bytes> value)
    {
        bool done = false;
        world.journal.commit({{std::string{table}, std::move(key), std::move(value)}},
                             [&](const ledger::Result<void>& written) { done = !!written; });
        EXPECT_TRUE(done);
    }
    Bytes channel_key(std::uint8_t lane) const
    {
        const auto channel = world.channel(lane);
        return {channel.bytes.begin(), channel.bytes.end()};
    }
    Bytes first_key(std::string_view table) const
    {
        Bytes first;
        EXPECT_TRUE(world.journal.scan({table, {}}, [&](ledger::ByteView key, ledger::ByteView) {
            first.assign(key.begin(), key.end());
            return false;
        }));
        return first;
    }
    template <class Record>
    void change(std::string_view table, const Bytes& key, const std::function<void(Record&)>& edit)
    {
        auto record = *ledger::codec::decode<Record>(**world.journal.get(table, key));
        edit(record);
        write(table, key, ledger::codec::encode(record));
    }
    void expect_wrong(std::string_view table, std::string_view what)
    {
        const auto found = audit();
        ASSERT_FALSE(found);
        const auto& error = found.error();
        EXPECT_EQ(error.kind, ErrorKind::corrupt);
        EXPECT_TRUE(error.detail.starts_with("journal: " + std::string{table} + " 0x"))
            << error.detail;
        EXPECT_TRUE(error.detail.ends_with(what)) << error.detail;
    }
};

TEST_F(JournalAuditTest, CountsWhatPaymentsOfEveryKindWrote)
{
    write(payment_table::passes, Bytes(16, 1), ledger::codec::encode(PassRecord{1, 2}));
    const auto found = audit();
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->channels, 2u);
    EXPECT_EQ(found->vouchers, 3u) << "the last and the claim's of one channel, a chain's";
    EXPECT_EQ(found->receipts, 2u + 66u + 1u);
    EXPECT_EQ(found->batches, 1u);
    EXPECT_EQ(found->loose, 2u);
    EXPECT_EQ(found->calls, 69u);
    EXPECT_EQ(found->answers, 69u);
    EXPECT_EQ(found->passes, 1u);
    EXPECT_TRUE(found->other_signers.empty());
}

TEST_F(JournalAuditTest, TellsOfReceiptsThatAnotherKeySigned)
{
    const auto found = audit_payments(world.network, world.journal, {});
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_TRUE(found->other_signers.empty()) << "channels name the key, too";
    for (const auto lane : {0, 1}) {
        const auto channel = channel_key(static_cast<std::uint8_t>(lane));
        for (const auto table : {payment_table::channels, payment_table::chains,
                                 payment_table::links, payment_table::batches})
            write(table, channel, {});
        for (std::uint64_t seq = 1; seq <= 66; ++seq) {
            const auto key = receipt_key(world.channel(static_cast<std::uint8_t>(lane)), seq);
            write(payment_table::receipts, key, {});
            write(payment_table::batches, key, {});
        }
    }
    const auto alone = audit_payments(world.network, world.journal, {});
    ASSERT_TRUE(alone) << alone.error().detail;
    EXPECT_EQ(alone->other_signers,
              (std::map<ledger::Address, std::uint64_t>{{world.host.authorizer, 1}}));
}

TEST_F(JournalAuditTest, NamesAVoucherThatItsPayerDidNotSign)
{
    change<ChannelRecord>(payment_table::channels, channel_key(0),
                          [](auto& record) { record.claim_signature.bytes[3] ^= 1; });
    expect_wrong(payment_table::channels, "a voucher is not signed by its payer");
}

TEST_F(JournalAuditTest, NamesAChannelThatLiesUnderAnothersKey)
{
    const auto record = **world.journal.get(payment_table::channels, channel_key(0));
    write(payment_table::channels, channel_key(1), record);
    expect_wrong(payment_table::channels, "it is another channel's");
}

TEST_F(JournalAuditTest, NamesAChainThatItsPayerDidNotSignAndALinkThatIsNotOfIt)
{
    change<LinkRecord>(payment_table::links, channel_key(1),
                       [](auto& record) { record.link.bytes[0] ^= 1; });
    expect_wrong(payment_table::links, "the link is not of its chain");
    change<ChainRecord>(payment_table::chains, channel_key(1),
                        [](auto& record) { record.terms.length -= 1; });
    expect_wrong(payment_table::chains, "the chain is not signed by its payer");
}

TEST_F(JournalAuditTest, NamesAReceiptAndABatchThatTheHostDidNotSign)
{
    change<ReceiptRecord>(payment_table::receipts, receipt_key(world.channel(), 2),
                          [](auto& record) { record.receipt.charged = Amount::micros(1); });
    expect_wrong(payment_table::receipts, "the receipt is not signed by the host");
    change<BatchRecord>(payment_table::batches, receipt_key(world.channel(1), 64),
                        [](auto& record) { record.receipt.t += 1; });
    expect_wrong(payment_table::batches, "the batch is not signed by the host");
}

TEST_F(JournalAuditTest, NamesRecordsThatAreNotThoseOfTheirBatch)
{
    change<ReceiptRecord>(payment_table::receipts, receipt_key(world.channel(1), 7),
                          [](auto& record) { record.receipt.t += 1; });
    expect_wrong(payment_table::receipts, "the records up to it are not those of their batch");
}

TEST_F(JournalAuditTest, NamesWhatIsMissing)
{
    const auto missing = [this](std::string_view table, const Bytes& key) {
        const auto kept = **world.journal.get(table, key);
        write(table, key, {});
        return [this, table, key, kept] { write(table, key, kept); };
    };
    std::function<void()> back = missing(payment_table::receipts, receipt_key(world.channel(), 1));
    expect_wrong(payment_table::receipts, "receipts before it are missing");
    back();
    back = missing(payment_table::receipts, receipt_key(world.channel(), 2));
    expect_wrong(payment_table::channels, "receipts after 1 are missing");
    back();
    back = missing(payment_table::batches, receipt_key(world.channel(1), 64));
    expect_wrong(payment_table::receipts, "its batch is missing");
    back();
    back = missing(payment_table::channels, channel_key(1));
    expect_wrong(payment_table::chains, "its channel is missing");
    back();
    back = missing(payment_table::chains, channel_key(1));
    expect_wrong(payment_table::links, "its chain is missing");
    back();
    back = missing(payment_table::calls, first_key(payment_table::calls));
    expect_wrong(payment_table::answers, "its call is missing");
    back();
    EXPECT_TRUE(audit());
}

TEST_F(JournalAuditTest, NamesARecordOfNoKeyAndOneThatCannotBeDecoded)
{
    write(payment_table::passes, Bytes(3, 1), ledger::codec::encode(PassRecord{1, 2}));
    expect_wrong(payment_table::passes, "it is no pass's");
    write(payment_table::answers, first_key(payment_table::answers), Bytes{1, 2, 3});
    expect_wrong(payment_table::answers, "");
}

}  // namespace
}  // namespace node
