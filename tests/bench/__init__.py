"""``make bench``: how quick and how small smallcrm is beside a floor page measured in the same run. No part of the test suite."""
