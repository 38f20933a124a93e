"""What tests of the market share: who has how much, and why something was refused."""
import unittest


class MarketCase(unittest.TestCase):
    """`self.node` runs; `self.accounts` has the addresses of its people by name."""

    def balance(self, name):
        return int(self.node.get(f"/v1/accounts/{self.accounts[name]}")[1]["balance"])

    def refused(self, said, rejection):
        self.assertEqual(said["error"]["detail"]["rejection"], rejection, said)
