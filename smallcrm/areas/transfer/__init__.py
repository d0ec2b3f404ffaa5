"""Files in and out: importing with a look before, workbooks brought back, exports."""
